import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Registry } from "prom-client";
import type { NodeProbe } from "./node-probe.ts";

const JSON_TYPE = "application/json";

/**
 * Serves the lab (`/sample`, `/rest`) and Prometheus (`/metrics`) on a port of its own, so that their
 * traffic is not counted among the users' bytes.
 *
 * @returns The port.
 */
export async function startControlServer(
  probe: NodeProbe,
  createMetrics: () => Registry,
  listen: { readonly host: string; readonly port: number },
): Promise<number> {
  let metrics: Registry | undefined;
  const answer = async (path: string | undefined): Promise<string | undefined> => {
    switch (path) {
      case "/sample":
        return JSON.stringify(probe.sample());
      case "/rest":
        return JSON.stringify(probe.sampleAtRest());
      case "/metrics":
        // Metrics cost a little for each stash: they are collected only if Prometheus asks.
        metrics ??= createMetrics();
        return metrics.metrics();
      default:
        return undefined;
    }
  };
  const server = createServer((request, response) => {
    answer(request.url).then(
      (body) => {
        const type =
          metrics !== undefined && request.url === "/metrics" ? metrics.contentType : JSON_TYPE;
        response.writeHead(body === undefined ? 404 : 200, { "content-type": type }).end(body);
      },
      (cause: unknown) => {
        console.error("The lab's figures could not be collected.", cause);
        response.writeHead(500).end();
      },
    );
  });
  server.listen(listen.port, listen.host);
  await once(server, "listening");
  // This server must not keep the node alive once all users' sockets are closed.
  server.unref();
  return (server.address() as AddressInfo).port;
}

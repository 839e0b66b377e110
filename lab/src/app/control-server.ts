import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Registry } from "prom-client";
import type { NodeProbe } from "./node-probe.ts";

const JSON_TYPE = "application/json";

/**
 * Answers the lab (`/sample`, `/rest`) and Prometheus (`/metrics`) on a port of its own, so that what
 * they ask for is not counted among the bytes of users.
 *
 * @returns the port.
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
        // Counting for Prometheus costs a little for each stash: only where there is one.
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
        console.error("The lab's figures could not be collected", cause);
        response.writeHead(500).end();
      },
    );
  });
  server.listen(listen.port, listen.host);
  await once(server, "listening");
  // It must not keep the node alive when all users' sockets are drained.
  server.unref();
  return (server.address() as AddressInfo).port;
}

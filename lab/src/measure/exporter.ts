import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Stoppers } from "../topology/stoppers.ts";
import type { Reading } from "./readings.ts";

/** The parts whose figures Prometheus reads from the lab. Nodes serve their own metrics. */
export const EXPORTED = ["redis", "nats", "nginx", "load"] as const;
export type ExportedPart = (typeof EXPORTED)[number];

/**
 * Serves the latest reading to Prometheus, at `/metrics/<part>`, so that each service is asked once
 * only.
 *
 * @returns The port, on 127.0.0.1.
 */
export async function startExporter(
  latest: () => Reading | undefined,
  stoppers: Stoppers,
): Promise<number> {
  const server = createServer((request, response) => {
    const part = EXPORTED.find((name) => request.url === `/metrics/${name}`);
    if (part === undefined) {
      response.writeHead(404).end();
      return;
    }
    const reading = latest();
    const text = reading === undefined ? "" : metricsText(part, reading);
    response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(text);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  stoppers.add(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  return (server.address() as AddressInfo).port;
}

/** Formats a reading for Prometheus, such as `lab_redis_in_bytes_total 1234`. */
export function metricsText(part: ExportedPart, reading: Reading): string {
  const figures = part === "load" ? loadFigures(reading) : reading[part];
  if (figures === null) return "";
  return Object.entries(figures)
    .map(([key, value]) => {
      const unit = key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      const isCounter = /^(in|out|route)Bytes$|cpuMs$|^(cycles|errors)$/.test(key);
      return `lab_${part}_${unit}${isCounter ? "_total" : ""} ${value}\n`;
    })
    .join("");
}

function loadFigures({ load, labCpuMs }: Reading): Record<string, number> {
  const { users, connected, busiestWorkerPercent, counts } = load;
  return {
    users,
    connected,
    busiestWorkerPercent,
    cpuMs: labCpuMs,
    cycles: counts.steps.stash,
    errors: Object.values(counts.errors).reduce((sum, count) => sum + count, 0),
    ...counts.outcomes,
  };
}

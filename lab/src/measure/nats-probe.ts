import type { NatsServers } from "../topology/start-nats-servers.ts";
import { processUsage } from "./process-usage.ts";
import type { NatsReading } from "./readings.ts";

/** The fields that the lab reads of `/varz`, `/routez` and `/jsz`. */
interface ServerFigures {
  readonly in_bytes?: number;
  readonly out_bytes?: number;
}
interface Routes {
  readonly routes?: readonly ServerFigures[];
}
interface JetStream {
  readonly memory?: number;
  readonly storage?: number;
  readonly messages?: number;
}

/**
 * Adds up the three servers' figures. `/varz` counts the bytes of clients and routes together, so the
 * bytes of the routes are subtracted.
 */
export async function readNats(servers: NatsServers): Promise<NatsReading> {
  const total = {
    inBytes: 0,
    outBytes: 0,
    storedBytes: 0,
    storedEntries: 0,
    routeBytes: 0,
    cpuMs: 0,
    rssBytes: 0,
  };
  for (const port of servers.monitorPorts) {
    const [server, routes, jetStream] = await Promise.all([
      ask<ServerFigures>(port, "varz"),
      ask<Routes & { readonly routes?: readonly { readonly out_bytes?: number }[] }>(
        port,
        "routez",
      ),
      ask<JetStream>(port, "jsz"),
    ]);
    let routeInBytes = 0;
    let routeOutBytes = 0;
    for (const route of routes.routes ?? []) {
      routeInBytes += route.in_bytes ?? 0;
      routeOutBytes += route.out_bytes ?? 0;
    }
    total.inBytes += Math.max(0, (server.in_bytes ?? 0) - routeInBytes);
    total.outBytes += Math.max(0, (server.out_bytes ?? 0) - routeOutBytes);
    // The bytes that one server reads are those that another one wrote: only reads are counted.
    total.routeBytes += routeInBytes;
    total.storedEntries += jetStream.messages ?? 0;
    total.storedBytes += (jetStream.memory ?? 0) + (jetStream.storage ?? 0);
  }
  for (const pid of servers.pids) {
    const { cpuMs, rssBytes } = processUsage(pid);
    total.cpuMs += cpuMs;
    total.rssBytes += rssBytes;
  }
  return total;
}

async function ask<Answer>(port: number, what: string): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${port}/${what}`);
  return (await response.json()) as Answer;
}

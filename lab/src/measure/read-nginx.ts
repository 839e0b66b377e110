import { processUsage } from "./process-usage.ts";
import type { NginxReading } from "./service-reading.ts";

/** Reads nginx's `stub_status` and the usage of its processes. */
export async function readNginx(nginx: {
  readonly pid: number;
  readonly statusUrl: string;
}): Promise<NginxReading> {
  const response = await fetch(nginx.statusUrl);
  const connections = /Active connections: (\d+)/.exec(await response.text())?.[1];
  return { connections: Number(connections ?? 0), ...processUsage(nginx.pid) };
}

import type { AdapterName } from "../result.ts";
import { buildApplication } from "../topology/application-code.ts";
import { startTopology } from "../topology/start-topology.ts";

/** The page to serve, and its port. */
export interface ServeOptions {
  readonly adapter: AdapterName;
  readonly isByHand: boolean;
  readonly port: number | undefined;
  readonly ttlMs: number;
}

const MAX_CONNECTIONS = 8_192;

/** Runs the nodes behind nginx for another load generator, until `signal` aborts. */
export async function serveCommand(options: ServeOptions, signal: AbortSignal): Promise<number> {
  const { adapter, isByHand, port, ttlMs } = options;
  const topology = await startTopology({
    adapter,
    ttlMs,
    isByHand,
    code: await buildApplication(),
    fault: undefined,
    maxConnections: MAX_CONNECTIONS,
    ...(port === undefined ? {} : { port }),
  });
  try {
    const pages = adapter === "baseline" ? [adapter] : ["baseline", adapter];
    for (const page of pages) console.log(`${topology.url}/bench/${page}`);
    console.log(`Two nodes behind nginx, TTL ${ttlMs / 1_000} s. Ctrl-C ends them.`);
    const stopped = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    await Promise.race([stopped, topology.failed]);
  } finally {
    await topology.stop();
  }
  return 0;
}

// One node of the application under test, started by the lab as a process of its own.
import { createLiveServer, live } from "@live-stash/live-view";
import { ADAPTER_NAMES } from "../result.ts";
import { createBenchAdapter } from "./bench-adapter.ts";
import { benchView } from "./bench-view.ts";
import { createByHand } from "./by-hand/create-by-hand.ts";
import { startControlServer } from "./control-server.ts";
import { createFaultInjection } from "./fault.ts";
import { createNodeMetrics } from "./node-metrics.ts";
import { createNodeProbe, type ApplicationFigures } from "./node-probe.ts";
import { readNodeSettings } from "./node-settings.ts";
import { countServerBytes } from "./socket-bytes.ts";

const settings = readNodeSettings(process.env);
const { name, adapter, ttlMs, fault, host, services } = settings;
const create = settings.isByHand ? createByHand : createBenchAdapter;
const bench = await create({ name: adapter, ttlMs, host, services });
const injection = createFaultInjection(fault);

const pages = ADAPTER_NAMES.filter((page) => page === "baseline" || page === adapter);
const server = createLiveServer({
  routes: pages.map((page) => {
    const stashing = page === adapter ? bench.stashing : undefined;
    return live(`/bench/${page}`, benchView(page, stashing, injection));
  }),
  // All users may return at once, while their old sockets are still open.
  limits: { maxSockets: 100_000 },
});
const listening = await server.listen({ host, port: settings.port, handleSignals: false });
const clientBytes = countServerBytes(listening.server);

function application(): ApplicationFigures {
  const { bytes, entries } = bench.figures();
  const client = clientBytes();
  const interNode = bench.interNodeBytes();
  return {
    views: server.figures.views,
    sockets: server.figures.sockets,
    adapterBytes: bytes,
    adapterEntries: entries,
    clientInBytes: client.in,
    clientOutBytes: client.out,
    interNodeInBytes: interNode.in,
    interNodeOutBytes: interNode.out,
  };
}

const controlPort = await startControlServer(
  createNodeProbe(application),
  () => createNodeMetrics(application),
  { host, port: settings.controlPort },
);
process.once("SIGTERM", () => void stop());
console.log(`${name} ready on port ${listening.port}, control port ${controlPort}`);

/** Ends the views before the adapter closes, so that it still stores what they save. */
async function stop(): Promise<void> {
  await listening.close();
  await bench.close();
  process.exit();
}

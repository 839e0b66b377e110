// A thread of the load generator: it has some of the users.
import { setPriority } from "node:os";
import { performance } from "node:perf_hooks";
import { parentPort, workerData } from "node:worker_threads";
import { LoadClock } from "./load-clock.ts";
import type { LoadCommand, LoadMessage, LoadOrder } from "./load-messages.ts";
import { LoadRecord } from "./load-record.ts";
import { sourceAddresses } from "./source-address.ts";
import { VirtualUser, type LoadContext } from "./virtual-user.ts";

const TICK_MS = 1_000;
/** Before nodes and services, as if on a machine of its own: it must be on time. */
const PRIORITY = -10;

const { scenario, url, isStashing, worker } = workerData as LoadOrder;
const port = parentPort;
if (port === null) throw new Error("load-worker.ts: expected to run in a thread, and it does not.");
// A port of node:worker_threads knows no origins.
// oxlint-disable-next-line unicorn/require-post-message-target-origin
const tell = (message: LoadMessage): void => port.postMessage(message);

try {
  // Of this thread alone, on Linux.
  setPriority(PRIORITY);
} catch {
  // Only root may; without, a busy machine makes runs invalid sooner.
}

const start = new Promise<number>((resolve) => {
  port.on("message", (command: LoadCommand) => {
    if (command.kind === "start") resolve(command.startedAtMs);
  });
});
const stopped = new Promise<void>((resolve) => {
  port.on("message", (command: LoadCommand) => {
    if (command.kind === "stop") resolve();
  });
});
tell({ kind: "ready" });
const startedAtMs = await start;

const record = new LoadRecord(scenario);
const clock = new LoadClock(startedAtMs, record);
const context: LoadContext = { scenario, url, isStashing, clock, record };
const addresses = sourceAddresses(scenario.users);

const users: VirtualUser[] = [];
for (let user = worker; user < scenario.users; user += scenario.workers) {
  users.push(new VirtualUser(context, user, addresses[user % addresses.length] ?? "127.0.0.1"));
}

let utilization = performance.eventLoopUtilization();
const ticking = setInterval(() => {
  const before = utilization;
  utilization = performance.eventLoopUtilization();
  for (const user of users) user.tick();
  tell({
    kind: "progress",
    worker,
    users: users.filter((user) => user.isPresent).length,
    connected: users.filter((user) => user.isConnected).length,
    counts: record.counts,
    busyPercent: performance.eventLoopUtilization(utilization, before).utilization * 100,
  });
}, TICK_MS);

await Promise.race([Promise.all(users.map((user) => user.run())), stopped]);

clearInterval(ticking);
clock.stop();
for (const user of users) user.close();
tell({ kind: "done", worker, counts: record.counts, durations: record.encodeDurations() });
port.close();

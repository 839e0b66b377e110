// A thread of the load generator: it runs a share of the users.
import { setPriority } from "node:os";
import { performance } from "node:perf_hooks";
import { parentPort, workerData } from "node:worker_threads";
import { LoadClock } from "./load-clock.ts";
import type { LoadCommand, LoadMessage, WorkerSettings } from "./load-messages.ts";
import { LoadRecord } from "./load-record.ts";
import { sourceAddresses } from "./source-address.ts";
import { VirtualUser, type LoadContext } from "./virtual-user.ts";

const TICK_MS = 1_000;
/** Above the nodes' and services', because the generator must be on time as if it had its own machine. */
const PRIORITY = -10;

const { scenario, url, isStashing, worker } = workerData as WorkerSettings;
const port = parentPort;
if (port === null) throw new Error("load-worker.ts: expected to run in a worker thread.");
// A port of node:worker_threads has no origins.
// oxlint-disable-next-line unicorn/require-post-message-target-origin
const send = (message: LoadMessage): void => port.postMessage(message);

try {
  // On Linux this sets the priority of this thread alone.
  setPriority(PRIORITY);
} catch {
  // Only root may raise a priority. Without it, a busy machine makes runs invalid sooner.
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
send({ kind: "ready" });
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
  send({
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
send({ kind: "done", worker, counts: record.counts, durations: record.encodeDurations() });
port.close();

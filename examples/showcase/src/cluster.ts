import { createInterface } from "node:readline";
import type { AdapterName } from "./adapters.ts";
import { addressTable } from "./cluster/address-table.ts";
import { portProblem } from "./cluster/port-problem.ts";
import { startCluster, type Cluster } from "./cluster/start-cluster.ts";

// `npm run cluster` has checked its arguments, and passes them in these variables.
const { env } = process;
const adapter = (env.SHOWCASE_ADAPTER ?? "memory") as AdapterName;
const host = env.HOST ?? "127.0.0.1";
const port = Number(env.PORT ?? 8080);
const nodePorts = env.CLUSTER_NODE_PORTS?.split(",").map(Number);
const isTerminal = process.stdin.isTTY;

const say = (line: string): void => console.log(line);
let exitCode = 0;
let stop: (code: number) => void = () => undefined;
/** Resolves with the exit code when there is a reason to end. */
const stopped = new Promise<void>((resolve) => {
  stop = (code) => {
    exitCode ||= code;
    resolve();
  };
});

let isEnding = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  // A signal may come from a terminal, from npm and from a parent at once.
  process.on(signal, () => stop(0));
}
// The script that started this process has ended.
process.once("disconnect", () => stop(0));
process.channel?.unref();

await requireFreePorts();
say(`Starting two nodes with the adapter ${adapter} …`);
const cluster = await startCluster({ adapter, host, port, nodePorts, say });
void cluster.died.then((what) => {
  if (isEnding) return;
  console.error(`Stopping the cluster, as ${what}`);
  stop(1);
});
listenForRestarts(cluster);
introduce(cluster);

await stopped;
isEnding = true;
say("Stopping the cluster.");
await cluster.close();
process.exit(exitCode);

async function requireFreePorts(): Promise<void> {
  const places = [
    [host, port] as const,
    ...(nodePorts ?? []).map((own) => ["127.0.0.1", own] as const),
  ];
  for (const place of places) {
    const problem = await portProblem(...place);
    if (problem === undefined) continue;
    console.error(
      `The cluster could not start: ${problem}.\n` +
        "End that program, or choose another port: npm run cluster -- --port 8090",
    );
    process.exit(1);
  }
}

/** Restarts the nodes when a key is pressed, or without a terminal on SIGHUP, with which a terminal ends. */
function listenForRestarts(running: Cluster): void {
  const restart = (): void => {
    say("Restarting one node after the other.");
    void running.restartNodes().then(() => {
      if (!isEnding) say("All nodes are new.");
    });
  };
  process.on("SIGHUP", () => (isTerminal ? stop(0) : restart()));
  if (!isTerminal) return;
  createInterface({ input: process.stdin }).on("line", (line) => {
    if (line.trim() === "r") restart();
  });
}

function introduce({ url, addresses }: Cluster): void {
  const restart = isTerminal ? "press r and Enter" : `kill -HUP ${process.pid}`;
  say(`
Cluster ready at ${url}

${addressTable(addresses)}

Plain pages for each adapter: ${url}/test/counter/${adapter}, …/browser
Restart one node after the other: ${restart}
End everything: Ctrl-C, or kill ${process.pid}
`);
}

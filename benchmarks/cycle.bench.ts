import { fileURLToPath } from "node:url";
import { spawnServer } from "@live-stash/test-servers";
import { benchRow, formatRows, type BenchRow } from "./bench-row.ts";
import { type Answers, ANSWERS_VARIABLE } from "./cycle/answers.ts";
import { median } from "./measure.ts";
import { ask, type ClientPage, loadPage, openSocket } from "./page-client.ts";

/** Cycles to warm up a server, until its code is compiled. */
const WARM_UP = 3_000;
const ROUNDS = 9;
const CYCLES_PER_ROUND = 1_000;
/** Users whose cycles run concurrently. */
const USERS = 8;

const SECRET = "a secret for benchmarks of at least 32 characters";

/** A server in its own process, and the page that users have loaded from it. */
interface Subject {
  readonly page: ClientPage;
  /** The CPU time that the process has used so far. */
  cpuMs(): Promise<number>;
  stop(): void;
}

async function startSubject(
  file: string,
  path: string,
  env: Record<string, string>,
): Promise<Subject> {
  const server = await spawnServer({
    command: process.execPath,
    args: [
      "--expose-gc",
      "--conditions=@live-stash/source",
      "--import",
      "tsx",
      fileURLToPath(new URL(file, import.meta.url)),
    ],
    env: { NODE_ENV: "production", ...env },
    readyLine: /ready on port (\d+), control port (\d+)/,
  });
  const [, port, controlPort] = server.ready;
  return {
    page: await loadPage(`http://127.0.0.1:${port}${path}`),
    async cpuMs() {
      const response = await fetch(`http://127.0.0.1:${controlPort}/sample`);
      return ((await response.json()) as { cpuMs: number }).cpuMs;
    },
    stop: () => server.kill("SIGKILL"),
  };
}

/** Connects, joins, sends an event and disconnects. Resolves with the received frames. */
async function cycle({ socketUrl, headers, topic, join }: ClientPage): Promise<[string, string]> {
  const socket = await openSocket(socketUrl, headers);
  const click = { type: "click", event: "stash", value: { value: "" } };
  const joined = await ask(socket, join, /"status":"ok".*"rendered"/);
  const event = JSON.stringify(["1", "2", topic, "event", click]);
  const changed = await ask(socket, event, /"status":"ok".*"diff"/);
  socket.terminate();
  return [joined, changed];
}

async function runCycles(page: ClientPage, cycles: number): Promise<void> {
  const user = async (): Promise<void> => {
    for (let count = 0; count < cycles / USERS; count += 1) await cycle(page);
  };
  await Promise.all(Array.from({ length: USERS }, user));
}

const payloadOf = (frame: string): string =>
  JSON.stringify((JSON.parse(frame) as unknown[])[4] ?? null);

/** Records the answers of one server, for another one to send. */
async function answersOf({ page }: Subject): Promise<Answers> {
  const [join, event] = await cycle(page);
  const { document, setCookie } = page;
  return { document, setCookie, join: payloadOf(join), event: payloadOf(event) };
}

async function cpuMsPerCycle(subject: Subject): Promise<number> {
  const beforeMs = await subject.cpuMs();
  await runCycles(subject.page, CYCLES_PER_ROUND);
  return ((await subject.cpuMs()) - beforeMs) / CYCLES_PER_ROUND;
}

/** Compares the lab's baseline with a server of `node:http` and `ws` alone that sends the same answers. */
export async function run(): Promise<BenchRow[]> {
  const baseline = await startSubject("../lab/src/app/main.ts", "/bench/baseline", {
    LIVE_VIEW_SECRET: SECRET,
    LIVE_STASH_SECRET: SECRET,
    LAB_ADAPTER: "baseline",
    LAB_TTL_MS: "60000",
  });
  const answers = await answersOf(baseline);
  const control = await startSubject("./cycle/control-server.ts", "/", {
    [ANSWERS_VARIABLE]: JSON.stringify(answers),
  });
  try {
    if (JSON.stringify(await answersOf(control)) !== JSON.stringify(answers)) {
      throw new Error("cycle: expected the control's answers to equal the baseline's.");
    }
    for (const { page } of [baseline, control]) await runCycles(page, WARM_UP);
    const rounds: { baselineMs: number; controlMs: number }[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const baselineMs = await cpuMsPerCycle(baseline);
      rounds.push({ baselineMs, controlMs: await cpuMsPerCycle(control) });
    }
    return [
      benchRow(
        "CPU per cycle, the lab's baseline ÷ node:http and ws alone",
        median(rounds.map(({ baselineMs, controlMs }) => baselineMs / controlMs)),
        "×",
      ),
      benchRow(
        "CPU per cycle, the lab's baseline",
        median(rounds.map(({ baselineMs }) => baselineMs)),
        "ms",
      ),
      benchRow(
        "CPU per cycle, node:http and ws alone (control)",
        median(rounds.map(({ controlMs }) => controlMs)),
        "ms",
      ),
    ];
  } finally {
    baseline.stop();
    control.stop();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(formatRows(await run()));

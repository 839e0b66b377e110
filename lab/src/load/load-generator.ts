import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { STEP_NAMES, type StepName, type StepTimes, type Times } from "../result.ts";
import { Durations } from "./durations.ts";
import type {
  LoadCommand,
  LoadDone,
  LoadMessage,
  WorkerSettings,
  LoadProgress,
} from "./load-messages.ts";
import type { LoadCounts } from "./load-record.ts";

/** Large, so that garbage collection, during which a thread starts steps late, is rare. */
const YOUNG_GENERATION_MB = 192;

/** The sum of all workers' latest progress messages. */
export interface LoadState {
  readonly users: number;
  readonly connected: number;
  readonly counts: LoadCounts;
  readonly busiestWorkerPercent: number;
}

/** The load generator's results at the end of a run. */
export interface LoadOutcome {
  readonly counts: LoadCounts;
  readonly steps: Readonly<Record<StepName, StepTimes>>;
  readonly latenessMs: Times;
}

/** A running load. */
export interface LoadGenerator {
  /** In ms since the epoch, with fractions. */
  readonly startedAtMs: number;
  state(): LoadState;
  /** Settles when the last user has ended, or after `stop`. Rejects if a worker fails. */
  readonly finished: Promise<LoadOutcome>;
  /** Ends all users at once. The measurements so far are kept. */
  stop(): void;
}

/** Starts the users of a scenario in worker threads, once all threads are ready. */
export async function startLoad(settings: Omit<WorkerSettings, "worker">): Promise<LoadGenerator> {
  const last = new Map<number, LoadProgress>();
  const done = new Map<number, LoadDone>();
  const ready: Promise<unknown>[] = [];
  const workers = Array.from({ length: settings.scenario.workers }, (_, worker) => {
    const thread = new Worker(new URL("./load-thread.mjs", import.meta.url), {
      workerData: { ...settings, worker } satisfies WorkerSettings,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    thread.on("message", (message: LoadMessage) => {
      if (message.kind === "progress") last.set(message.worker, message);
      else if (message.kind === "done") done.set(message.worker, message);
    });
    ready.push(once(thread, "message"));
    return thread;
  });
  const ended = workers.map(async (thread, worker) => {
    // `once` rejects if the thread throws.
    await once(thread, "exit");
    const message = done.get(worker);
    if (message !== undefined) return message;
    throw new Error(`Worker ${worker} of the load generator ended without its results.`);
  });

  const finished = Promise.all(ended).then(outcomeOf);
  // The caller may await `finished` later: without this, a failure before would be unhandled.
  finished.catch(() => undefined);

  // A port of node:worker_threads has no origins.
  const send = (command: LoadCommand): void => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    for (const thread of workers) thread.postMessage(command);
  };
  await Promise.all(ready);
  const startedAtMs = performance.timeOrigin + performance.now();
  send({ kind: "start", startedAtMs });

  return {
    startedAtMs,
    state() {
      const all = [...last.values()];
      return {
        users: sum(all.map(({ users }) => users)),
        connected: sum(all.map(({ connected }) => connected)),
        counts: addCounts(all.map(({ counts }) => counts)),
        busiestWorkerPercent: Math.max(0, ...all.map(({ busyPercent }) => busyPercent)),
      };
    },
    finished,
    stop: () => send({ kind: "stop" }),
  };
}

function outcomeOf(all: readonly LoadDone[]): LoadOutcome {
  const merged = (read: (each: LoadDone) => string): Times => {
    const durations = new Durations();
    for (const each of all) durations.merge(read(each));
    return durations.summary();
  };
  const timesOf = (step: StepName): StepTimes => ({
    fromSentMs: merged(({ durations }) => durations.sent[step]),
    fromPlannedMs: merged(({ durations }) => durations.planned[step]),
  });
  return {
    counts: addCounts(all.map(({ counts }) => counts)),
    steps: {
      firstRender: timesOf("firstRender"),
      connect: timesOf("connect"),
      stash: timesOf("stash"),
      reconnect: timesOf("reconnect"),
    },
    latenessMs: merged(({ durations }) => durations.lateness),
  };
}

function addCounts(all: readonly LoadCounts[]): LoadCounts {
  const add = <Key extends string>(
    read: (counts: LoadCounts) => Readonly<Record<Key, number>>,
  ): Record<Key, number> => {
    const total: Partial<Record<Key, number>> = {};
    for (const each of all) {
      for (const [key, count] of Object.entries(read(each)) as [Key, number][]) {
        total[key] = (total[key] ?? 0) + count;
      }
    }
    return total as Record<Key, number>;
  };
  const noSteps = Object.fromEntries(STEP_NAMES.map((step) => [step, 0]));
  const none = { recovered: 0, expired: 0, lost: 0, revived: 0, wrong: 0 };
  return {
    steps: { ...(noSteps as Record<StepName, number>), ...add(({ steps }) => steps) },
    outcomes: { ...none, ...add(({ outcomes }) => outcomes) },
    errors: add(({ errors }) => errors),
    examples: all.flatMap(({ examples }) => examples),
    steadyCycles: sum(all.map(({ steadyCycles }) => steadyCycles)),
    steadyPageLoads: sum(all.map(({ steadyPageLoads }) => steadyPageLoads)),
    tokens: sum(all.map(({ tokens }) => tokens)),
    tokenCharacters: sum(all.map(({ tokenCharacters }) => tokenCharacters)),
  };
}

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);

import { randomBytes } from "node:crypto";
import { isLinearizable, type StashCall } from "@live-stash/contract";
import { type NatsCluster, type NatsClusterServer } from "@live-stash/test-servers";
import { createRandom, type Random } from "@live-stash/test-servers/random";
import { StashError } from "live-stash";
import type { StashAdapter } from "live-stash/adapter";
import { createNatsAdapter } from "../src/index.ts";

export interface PartitionRun {
  readonly cluster: NatsCluster;
  readonly seed: number;
  /** The duration of the failures. */
  readonly seconds: number;
  readonly timeoutMs: number;
}

export interface PartitionResult {
  readonly stashes: number;
  readonly calls: number;
  readonly unknown: number;
  readonly failures: readonly string[];
  /** The histories that no single stash with a single owner explains. */
  readonly violations: readonly (readonly StashCall[])[];
  /** The duration of the slowest call. */
  readonly slowestMs: number;
}

const NODES = 3;
const USERS = 6;
/** A user takes another stash after this many calls, because checking a history grows with its length. */
const CALLS_PER_STASH = 30;
const UNKNOWN_PER_STASH = 6;
const DEADLINE_MS = 3_600_000;

/** Failures of one server at a time. Two at a time may lose stashes that are kept in memory. */
const FAILURES: Readonly<
  Record<string, (server: NatsClusterServer, during: () => Promise<void>) => Promise<void>>
> = {
  async killed(server, during) {
    await server.stop("SIGKILL");
    await during();
    await server.start();
  },
  async paused(server, during) {
    server.pause();
    await during();
    server.resume();
  },
  async isolated(server, during) {
    server.isolate();
    await during();
    server.rejoin();
  },
  async "cut off from its clients"(server, during) {
    server.clients.down();
    await during();
    server.clients.up();
  },
};

/**
 * Runs nodes that save, recover and race while one server after the other is killed, frozen or cut off.
 * Returns the histories that no single stash with a single owner explains.
 */
export async function runPartitions(run: PartitionRun): Promise<PartitionResult> {
  const { cluster, seed, seconds, timeoutMs } = run;
  const random = createRandom(seed);
  const nodes = Array.from({ length: NODES }, (_, at) =>
    createNatsAdapter({
      // Each node starts with another server, as nodes with a server beside them do.
      servers: [...cluster.urls.slice(at), ...cluster.urls.slice(0, at)],
      connect: { noRandomize: true },
      replicas: 3,
      timeoutMs,
    }),
  );
  const histories: StashCall[][] = [];
  const failures: string[] = [];
  let isOver = false;
  try {
    for (const node of nodes) await node.connect();
    const users = Array.from({ length: USERS }, async (_, at) => {
      const ownRandom = createRandom(seed * 1_000 + at);
      while (!isOver) histories.push(await useStash(nodes, ownRandom, () => isOver));
    });
    const endsAtMs = performance.now() + seconds * 1_000;
    while (performance.now() < endsAtMs) {
      await causeFailure(cluster, random, failures);
      await cluster.untilHealed();
    }
    isOver = true;
    await Promise.all(users);
  } finally {
    isOver = true;
    await Promise.all(nodes.map(async (node) => node.close()));
  }
  const calls = histories.flat();
  return {
    stashes: histories.length,
    calls: calls.length,
    unknown: calls.filter(({ outcome }) => outcome === "unknown").length,
    failures,
    violations: histories.filter((history) => !isLinearizable(history)),
    slowestMs: Math.max(...calls.map((call) => tookMs.get(call) ?? 0)),
  };
}

async function causeFailure(
  cluster: NatsCluster,
  random: Random,
  failures: string[],
): Promise<void> {
  const server = random.pick(cluster.servers);
  const kind = random.pick(Object.keys(FAILURES));
  const durationMs = 200 + random.below(2_500);
  failures.push(`${server.url} ${kind} for ${durationMs} ms`);
  await FAILURES[kind]?.(server, () => wait(durationMs));
  await wait(random.below(300));
}

/** Runs one user's stash, with tabs that reconnect to any node, and superseded views that still save. */
async function useStash(
  nodes: readonly StashAdapter[],
  random: Random,
  isOver: () => boolean,
): Promise<StashCall[]> {
  const history: StashCall[] = [];
  const id = randomBytes(16).toString("base64url");
  let value = 0;
  let views = 0;
  let owner = nameOf(views);
  let oldOwner = owner;
  const node = (): StashAdapter => random.pick(nodes);
  const save = (by: string, isCreate = false): Promise<unknown> => {
    value += 1;
    const mine = value;
    const record = Buffer.from(String(mine));
    return recorded(history, { call: "save", owner: by, value: mine, isCreate }, async () => {
      const request = { id, owner: by, record, create: isCreate, expiresAtMs: deadlineMs() };
      const { status } = await node().save(request);
      if (status === "full") throw new Error("Expected room, got none.");
      return { outcome: status };
    });
  };
  const load = (): Promise<unknown> => {
    views += 1;
    oldOwner = owner;
    owner = nameOf(views);
    const by = owner;
    return recorded(history, { call: "load", owner: by }, async () => {
      const request = { id, adapterData: new Uint8Array(0), owner: by, expiresAtMs: deadlineMs() };
      const outcome = await node().load(request);
      if (outcome.status !== "loaded") return { outcome: outcome.status };
      return { outcome: "loaded", value: Number(Buffer.from(outcome.record).toString()) };
    });
  };
  const keepAlive = (): Promise<unknown> =>
    recorded(history, { call: "keepAlive", owner }, async () => {
      const [outcome = "absent"] = await node().keepAlive([
        { id, owner, expiresAtMs: deadlineMs() },
      ]);
      return { outcome };
    });

  await save(owner, true);
  // The first save may have failed, so no page knows of this stash.
  if (history[0]?.outcome === "unknown") return history;
  const isUsedUp = (): boolean =>
    history.length >= CALLS_PER_STASH ||
    history.filter(({ outcome }) => outcome === "unknown").length >= UNKNOWN_PER_STASH;
  while (!isOver() && !isUsedUp()) {
    await random.pick([
      () => save(owner),
      () => save(owner),
      load,
      () => Promise.all([load(), load()]),
      () => Promise.all([save(owner), load()]),
      () => Promise.all([load(), save(oldOwner)]),
      keepAlive,
    ])();
    await wait(random.below(30));
  }
  await load();
  return history;
}

const tookMs = new WeakMap<StashCall, number>();

async function recorded(
  history: StashCall[],
  call: Pick<StashCall, "call" | "owner" | "value" | "isCreate">,
  act: () => Promise<Pick<StashCall, "outcome" | "value">>,
): Promise<void> {
  const beganAtMs = performance.now();
  let made: StashCall;
  try {
    const answer = await act();
    made = { ...call, ...answer, beganAtMs, endedAtMs: performance.now() };
  } catch (error) {
    if (!(error instanceof StashError) || !/^adapter_(timeout|unavailable)$/.test(error.code)) {
      throw error;
    }
    made = { ...call, outcome: "unknown", beganAtMs, endedAtMs: Infinity };
  }
  tookMs.set(made, performance.now() - beganAtMs);
  history.push(made);
}

/** Returns the owner of a view. Two views share each place of the order. */
function nameOf(view: number): string {
  return `${Math.floor(view / 2)
    .toString(36)
    .padStart(10, "0")}view${view}`;
}

function deadlineMs(): number {
  return Date.now() + DEADLINE_MS;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

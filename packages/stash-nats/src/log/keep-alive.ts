import { randomBytes } from "node:crypto";
import { StashError } from "live-stash";
import type { KeepAliveOutcome, KeepAliveRequest } from "live-stash/adapter";
import type { Call } from "../connection/bounded-call.ts";
import type { MirrorFeed } from "../mirror/feed.ts";
import type { Mirror } from "../mirror/mirror.ts";
import {
  changeOf,
  type Decide,
  isOld,
  leaseUntil,
  type NO_ROOM,
  type StashLog,
} from "./stash-log.ts";
import {
  encodeSign,
  ownerKey,
  type SignOfLife,
  stashName,
  type Subjects,
} from "../stream/message.ts";

export interface KeepAliveParts {
  readonly log: StashLog;
  readonly mirror: Mirror;
  readonly feed: MirrorFeed;
  readonly subjects: Subjects;
  readonly now: () => number;
  readonly maxTtlMs: number;
  /** Runs one call within the adapter's time. */
  readonly run: <Outcome>(
    work: (call: Call) => Promise<Outcome | typeof NO_ROOM>,
  ) => Promise<Outcome>;
}

const NODE_BYTES = 6;
/** For single stashes the servers are asked what they have no more often than this. */
const LOOK_MS = 1_000;
const RETRY_MS = 25;
/** So many wait for NATS at a time; the others for their turn, so that nobody else has to. */
const GROUP = 500;

/** A name for a node, or for a node from now on. */
export function newNodeName(): string {
  return randomBytes(NODE_BYTES).toString("base64url");
}

/** Puts deadlines off: of all of this node's connected views with one message, where that fits. */
export async function keepAllAlive(
  parts: KeepAliveParts,
  requests: readonly KeepAliveRequest[],
): Promise<readonly KeepAliveOutcome[]> {
  const { log, mirror, now, run } = parts;
  if (requests.length === 0) return [];
  const outcomes = new Map<number, KeepAliveOutcome>();
  const askedAtMs = now();
  if (!log.isReady) await run((call) => log.ready(call));
  const plan = planned(parts, requests);
  // What the servers have lost is known nowhere but in mirrors, and not to be kept alive there.
  if (plan.sign !== undefined || parts.feed.lookedForMs > LOOK_MS) await run(look);

  await Promise.all([
    inGroups(plan.strays, (name) => run((call) => log.decide(call, name, settled(parts)))),
    keepCovered(),
    inGroups(plan.single, (index) => keepOne(index, plan.isLeased)),
  ]);
  return requests.map((_, index) => outcomes.get(index) ?? "absent");

  /** Whether servers have anything is asked of them as long as this call lasts. */
  async function look(call: Call): Promise<void> {
    for (;;) {
      await log.ready(call);
      try {
        await call.until(parts.feed.look());
        return;
      } catch (error) {
        call.check();
        if (error instanceof StashError) throw error;
        await call.pause(RETRY_MS);
      }
    }
  }

  async function keepCovered(): Promise<void> {
    const { sign, covered } = plan;
    if (sign === undefined) return;
    const { subjects, feed } = parts;
    await run(async (call) => {
      const seq = await log.store(call, subjects.node(mirror.node), encodeSign(sign));
      await call.until(feed.whenApplied(seq));
    });
    const doubtful: number[] = [];
    for (const index of covered) {
      const request = requests[index];
      if (request === undefined) continue;
      const entry = mirror.living(stashName(request.id), now());
      const isKept = entry?.owner === ownerKey(request.owner) && mirror.isStored(entry);
      if (isKept) outcomes.set(index, "kept");
      else doubtful.push(index);
    }
    await inGroups(doubtful, (index) => keepOne(index, true));
  }

  async function keepOne(index: number, isLeased: boolean): Promise<void> {
    const request = requests[index];
    if (request === undefined) return;
    const decide = kept(parts, request, askedAtMs, isLeased);
    outcomes.set(index, await run((call) => log.decide(call, stashName(request.id), decide)));
  }
}

function planned(
  { mirror, now, maxTtlMs }: KeepAliveParts,
  requests: readonly KeepAliveRequest[],
): KeepAlivePlan {
  const plan = planKeepAlive(requests, mirror, now(), maxTtlMs);
  if (plan.sign === undefined || !hasExpired(mirror, now())) return plan;
  // A sign of life would revive what has expired: so it comes from nobody that left something behind.
  mirror.rename(newNodeName());
  return planKeepAlive(requests, mirror, now(), maxTtlMs);
}

/** Sets the deadline of one. */
function kept(
  { mirror, maxTtlMs }: KeepAliveParts,
  { owner, expiresAtMs, isFinal = false }: KeepAliveRequest,
  askedAtMs: number,
  isLeased: boolean,
): Decide<KeepAliveOutcome> {
  const key = ownerKey(owner);
  return (entry, nowMs) => {
    if (entry === undefined) return { kind: "answer", outcome: "absent" };
    if (entry.owner !== key) return { kind: "answer", outcome: "not_owner" };
    const isStored = mirror.isStored(entry);
    // Its view is there to save it again. After the view's end nobody else is: so this message does.
    if (!isStored && !isFinal) return { kind: "answer", outcome: "absent" };
    const lease = leaseUntil(expiresAtMs, askedAtMs, isLeased ? mirror.node : undefined);
    const message = changeOf(entry, undefined, lease, nowMs, maxTtlMs, isStored);
    return { kind: "store", message, outcome: "kept" };
  };
}

/** Leaves the deadline as it is from now on, if it is one that this node's signs of life put off. */
function settled({ mirror, maxTtlMs }: KeepAliveParts): Decide<undefined> {
  return (entry, nowMs) => {
    if (entry?.lease.node !== mirror.node) return { kind: "answer", outcome: undefined };
    const lease = leaseUntil(mirror.deadlineMs(entry), nowMs, undefined);
    const message = changeOf(entry, undefined, lease, nowMs, maxTtlMs, mirror.isStored(entry));
    return { kind: "store", message, outcome: undefined };
  };
}

function hasExpired(mirror: Mirror, nowMs: number): boolean {
  for (const name of mirror.own) {
    if (mirror.living(name, nowMs) === undefined) return true;
  }
  return false;
}

async function inGroups<Item>(
  items: readonly Item[],
  act: (item: Item) => Promise<unknown>,
): Promise<void> {
  for (let from = 0; from < items.length; from += GROUP) {
    await Promise.all(items.slice(from, from + GROUP).map((item) => act(item)));
  }
}

/** How the deadlines of many stashes are put off with as few messages as can be. */
interface KeepAlivePlan {
  /** One message for all that this node leased and is asked to keep. `undefined`: it fits nothing. */
  readonly sign: SignOfLife | undefined;
  /** The requests that the sign of life is for, by index. */
  readonly covered: readonly number[];
  /** Those that need a message each. */
  readonly single: readonly number[];
  /** Whether these are put off by later signs of life. If not, their views have ended. */
  readonly isLeased: boolean;
  /** Stashes that the sign must not put off: their deadlines are made final before. */
  readonly strays: readonly string[];
}

/** How far a deadline may be from the one that was asked for: so much of its length, and no more. */
const TOLERANCE = 1 / 128;
const MAX_TOLERANCE_MS = 1_000;

export function planKeepAlive(
  requests: readonly KeepAliveRequest[],
  mirror: Mirror,
  nowMs: number,
  maxTtlMs: number,
): KeepAlivePlan {
  // Views that have ended: no later sign of life may put these deadlines off.
  if (requests.some(({ isFinal }) => isFinal)) return eachByItself(requests);
  const covered: number[] = [];
  const single: number[] = [];
  const names = new Set<string>();
  let timeMs = Infinity;
  for (const [index, request] of requests.entries()) {
    const name = stashName(request.id);
    const signMs = signTimeMs(name, request);
    if (signMs === undefined) {
      single.push(index);
    } else {
      covered.push(index);
      names.add(name);
      timeMs = Math.min(timeMs, signMs);
    }
  }
  // A request alone must not have all others put off with it.
  const strayCount = mirror.own.size - names.size;
  const isWorthIt =
    strayCount + single.length < requests.length || (requests.length > 1 && strayCount === 0);
  if (!isWorthIt) return eachByItself(requests);
  const strays = [...mirror.own].filter((name) => !names.has(name));
  const sign = covered.length === 0 ? undefined : { timeMs, coversSeq: mirror.appliedSeq };
  return { sign, covered, single, isLeased: true, strays };

  /** The time of a sign of life that would set this deadline, or nearly so. */
  function signTimeMs(name: string, { owner, expiresAtMs }: KeepAliveRequest): number | undefined {
    const entry = mirror.own.has(name) ? mirror.living(name, nowMs) : undefined;
    if (entry === undefined || entry.owner !== ownerKey(owner)) return undefined;
    if (entry.seq > mirror.appliedSeq || isOld(entry, nowMs, maxTtlMs)) return undefined;
    const { lengthMs } = entry.lease;
    const signMs = expiresAtMs - lengthMs;
    const toleranceMs = Math.min(lengthMs * TOLERANCE, MAX_TOLERANCE_MS);
    return Math.abs(signMs - nowMs) <= toleranceMs ? signMs : undefined;
  }
}

function eachByItself(requests: readonly KeepAliveRequest[]): KeepAlivePlan {
  const single = [...requests.keys()];
  return { sign: undefined, covered: [], single, isLeased: false, strays: [] };
}

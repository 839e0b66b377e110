import { randomBytes } from "node:crypto";
import type { KeepAliveOutcome, KeepAliveRequest } from "live-stash/adapter";
import type { BoundedCall } from "../connection/bounded-call.ts";
import type { MirrorFeed } from "../mirror/feed.ts";
import type { Mirror } from "../mirror/mirror.ts";
import {
  encodeHeartbeat,
  type Heartbeat,
  leaseFor,
  ownerKey,
  stashName,
  type Subjects,
} from "../stream/message.ts";
import { changeOf, type Decide, isOld, type StashLog, type STREAM_FULL } from "./stash-log.ts";

export interface KeepAliveParts {
  readonly log: StashLog;
  readonly mirror: Mirror;
  readonly feed: MirrorFeed;
  readonly subjects: Subjects;
  readonly now: () => number;
  readonly maxTtlMs: number;
  /** Runs one call within the adapter's time limit. */
  readonly run: <Outcome>(
    work: (call: BoundedCall) => Promise<Outcome | typeof STREAM_FULL>,
  ) => Promise<Outcome>;
}

/** Bytes of a node's name, as messages have room for. */
const NODE_BYTES = 6;
/** For requests without a heartbeat, the servers are asked at most once in this time, in ms. */
const ASK_INTERVAL_MS = 1_000;
/** The number of stashes that wait for NATS at the same time, so that other calls are not delayed. */
const GROUP_SIZE = 500;

/** Generates a node name. A node also takes a new one to give up its old leases. */
export function newNodeName(): string {
  return randomBytes(NODE_BYTES).toString("base64url");
}

/** Extends deadlines: for all connected views of this node with one heartbeat, where possible. */
export async function keepAllAlive(
  parts: KeepAliveParts,
  requests: readonly KeepAliveRequest[],
): Promise<readonly KeepAliveOutcome[]> {
  const { log, mirror, feed, subjects, now, run } = parts;
  if (requests.length === 0) return [];
  const outcomes = new Map<number, KeepAliveOutcome>();
  const requestedAtMs = now();
  if (!log.isReady) await run((call) => log.ready(call));
  const { heartbeat, included, excluded, single, isLeased } = plan(parts, requests);
  // A stash that the servers have lost exists in mirrors only, and must not be kept alive there.
  if (heartbeat !== undefined || feed.msSinceAsked > ASK_INTERVAL_MS) {
    await run((call) => log.askServers(call));
  }

  await Promise.all([
    inGroups(excluded, (name) => run((call) => log.execute(call, name, finalizing(parts)))),
    sendHeartbeat(),
    inGroups(single, (index) => keepOne(index, isLeased)),
  ]);
  return requests.map((_, index) => outcomes.get(index) ?? "absent");

  async function sendHeartbeat(): Promise<void> {
    if (heartbeat === undefined) return;
    await run(async (call) => {
      const payload = encodeHeartbeat(heartbeat);
      const seq = await log.store(call, subjects.node(mirror.node), payload);
      await call.until(feed.whenApplied(seq));
    });
    const missed: number[] = [];
    for (const index of included) {
      const request = requests[index];
      if (request === undefined) continue;
      const entry = mirror.living(stashName(request.id), now());
      const isKept = entry?.owner === ownerKey(request.owner) && mirror.isStored(entry);
      if (isKept) outcomes.set(index, "kept");
      else missed.push(index);
    }
    await inGroups(missed, (index) => keepOne(index, true));
  }

  async function keepOne(index: number, withLease: boolean): Promise<void> {
    const request = requests[index];
    if (request === undefined) return;
    const decide = keeping(parts, request, requestedAtMs, withLease);
    outcomes.set(index, await run((call) => log.execute(call, stashName(request.id), decide)));
  }
}

/** The messages of a keep-alive, which extend many deadlines with as few messages as possible. */
export interface KeepAlivePlan {
  /** One message for all requested stashes that this node has leased; `undefined` if it extends none. */
  readonly heartbeat: Heartbeat | undefined;
  /** The indexes of the requests that the heartbeat fulfils. */
  readonly included: readonly number[];
  /** Leased stashes that this heartbeat must not extend. They first get a fixed deadline. */
  readonly excluded: readonly string[];
  /** The indexes of the requests that need a message each. */
  readonly single: readonly number[];
  /** Whether later heartbeats extend the deadlines of these. They do not if the views have ended. */
  readonly isLeased: boolean;
}

/**
 * The largest difference between a requested deadline and the one that a heartbeat sets: this share of
 * the lease, because a view's TTL is a promise of about that length, and at most a second.
 */
const TOLERANCE = 1 / 128;
const MAX_TOLERANCE_MS = 1_000;

export function planKeepAlive(
  requests: readonly KeepAliveRequest[],
  mirror: Mirror,
  nowMs: number,
  maxTtlMs: number,
): KeepAlivePlan {
  // The views have ended, so no later heartbeat may extend these deadlines.
  if (requests.some(({ isFinal }) => isFinal)) return eachAlone(requests);
  const included: number[] = [];
  const single: number[] = [];
  const names = new Set<string>();
  let timeMs = Infinity;
  for (const [index, request] of requests.entries()) {
    const name = stashName(request.id);
    const heartbeatMs = heartbeatMsFor(name, request);
    if (heartbeatMs === undefined) {
      single.push(index);
    } else {
      included.push(index);
      names.add(name);
      timeMs = Math.min(timeMs, heartbeatMs);
    }
  }
  // A heartbeat for few requests would cost more messages, to exclude all others, than it saves.
  const excludedCount = mirror.leased.size - names.size;
  const isWorthIt =
    excludedCount + single.length < requests.length || (requests.length > 1 && excludedCount === 0);
  if (!isWorthIt) return eachAlone(requests);
  const excluded = [...mirror.leased].filter((name) => !names.has(name));
  const heartbeat = included.length === 0 ? undefined : { timeMs, coversSeq: mirror.appliedSeq };
  return { heartbeat, included, excluded, single, isLeased: true };

  /** Returns the time of a heartbeat that sets this deadline within the tolerance. */
  function heartbeatMsFor(
    name: string,
    { owner, expiresAtMs }: KeepAliveRequest,
  ): number | undefined {
    const entry = mirror.leased.has(name) ? mirror.living(name, nowMs) : undefined;
    if (entry === undefined || entry.owner !== ownerKey(owner)) return undefined;
    if (entry.seq > mirror.appliedSeq || isOld(entry, nowMs, maxTtlMs)) return undefined;
    const { lengthMs } = entry.lease;
    const heartbeatMs = expiresAtMs - lengthMs;
    const toleranceMs = Math.min(lengthMs * TOLERANCE, MAX_TOLERANCE_MS);
    return Math.abs(heartbeatMs - nowMs) <= toleranceMs ? heartbeatMs : undefined;
  }
}

function plan(
  { mirror, now, maxTtlMs }: KeepAliveParts,
  requests: readonly KeepAliveRequest[],
): KeepAlivePlan {
  const planned = planKeepAlive(requests, mirror, now(), maxTtlMs);
  if (planned.heartbeat === undefined || !hasExpiredLease(mirror, now())) return planned;
  // A heartbeat would revive the expired stashes, so the node gives up its leases.
  mirror.rename(newNodeName());
  return planKeepAlive(requests, mirror, now(), maxTtlMs);
}

function eachAlone(requests: readonly KeepAliveRequest[]): KeepAlivePlan {
  const single = [...requests.keys()];
  return { heartbeat: undefined, included: [], excluded: [], single, isLeased: false };
}

function hasExpiredLease(mirror: Mirror, nowMs: number): boolean {
  for (const name of mirror.leased) {
    if (mirror.living(name, nowMs) === undefined) return true;
  }
  return false;
}

/** Decides to set the deadline of one stash. */
function keeping(
  { maxTtlMs }: KeepAliveParts,
  { owner, expiresAtMs, isFinal = false }: KeepAliveRequest,
  requestedAtMs: number,
  isLeased: boolean,
): Decide<KeepAliveOutcome> {
  const key = ownerKey(owner);
  return ({ entry, node, isStored }, nowMs) => {
    if (entry === undefined) return { kind: "answer", outcome: "absent" };
    if (entry.owner !== key) return { kind: "answer", outcome: "not_owner" };
    // A connected view saves a lost state again. After the view's end only this message can.
    if (!isStored && !isFinal) return { kind: "answer", outcome: "absent" };
    const lease = leaseFor(expiresAtMs, requestedAtMs, isLeased ? node : undefined);
    const message = changeOf(entry, undefined, lease, nowMs, maxTtlMs, isStored);
    return { kind: "store", message, outcome: "kept" };
  };
}

/** Decides to fix a deadline that this node's heartbeats would extend. */
function finalizing({ mirror, maxTtlMs }: KeepAliveParts): Decide<undefined> {
  return ({ entry, node, isStored }, nowMs) => {
    if (entry?.lease.node !== node) return { kind: "answer", outcome: undefined };
    const lease = leaseFor(mirror.deadlineMs(entry), nowMs, undefined);
    const message = changeOf(entry, undefined, lease, nowMs, maxTtlMs, isStored);
    return { kind: "store", message, outcome: undefined };
  };
}

async function inGroups<Item>(
  items: readonly Item[],
  act: (item: Item) => Promise<unknown>,
): Promise<void> {
  for (let from = 0; from < items.length; from += GROUP_SIZE) {
    await Promise.all(items.slice(from, from + GROUP_SIZE).map((item) => act(item)));
  }
}

import type { MirrorEntry } from "./mirror/mirror-entry.ts";
import type { OwnerKey } from "./stream/owner-key.ts";
import { type Lease, MAX_DEADLINE_MS, type StashMessage } from "./stream/stash-message.ts";
import { KEPT_MESSAGES } from "./stream/stash-stream.ts";

/** The lease that a deadline stands for; without a node it is not put off by signs of life. */
export function leaseUntil(
  expiresAtMs: number,
  nowMs: number,
  maxTtlMs: number,
  node: string | undefined,
): Lease {
  const latestMs = Math.min(nowMs + maxTtlMs, MAX_DEADLINE_MS);
  const deadlineMs = Math.max(0, Math.min(expiresAtMs, latestMs));
  const lengthMs = Math.max(0, deadlineMs - nowMs);
  return lengthMs === 0
    ? { deadlineMs, node: undefined, lengthMs }
    : { deadlineMs, node, lengthMs };
}

/**
 * The message that gives a stash another lease, and maybe another owner: a marker, unless the servers
 * would let go of the state behind it, for the number of markers or for its age.
 */
export function changeOf(
  entry: MirrorEntry,
  owner: OwnerKey | undefined,
  lease: Lease,
  nowMs: number,
  maxTtlMs: number,
): StashMessage {
  const count = entry.markers + 1;
  const isStateSafe = count < KEPT_MESSAGES && !isOld(entry, nowMs, maxTtlMs);
  if (isStateSafe) return { kind: "marker", owner, lease, count };
  return { kind: "state", owner: owner ?? entry.owner, lease, record: entry.record };
}

/** Whether a state must be written again soon, as servers keep it for 3 times `maxTtlMs` only. */
export function isOld({ stateAtMs }: MirrorEntry, nowMs: number, maxTtlMs: number): boolean {
  return nowMs - stateAtMs > maxTtlMs;
}

import type { MirrorEntry } from "./mirror/mirror-entry.ts";
import type { OwnerKey } from "./stream/owner-key.ts";
import {
  type Lease,
  MAX_DEADLINE_MS,
  MAX_LENGTH_MS,
  type StashMessage,
} from "./stream/stash-message.ts";
import { MAX_MARKERS } from "./stream/stash-stream.ts";

/**
 * The lease that a deadline stands for.
 *
 * @param askedAtMs when the call began: all that were asked for together have the same length
 * @param node without one, it is not put off by signs of life
 */
export function leaseUntil(
  expiresAtMs: number,
  askedAtMs: number,
  node: string | undefined,
): Lease {
  const deadlineMs = Math.max(0, Math.min(expiresAtMs, MAX_DEADLINE_MS));
  const lengthMs = deadlineMs - askedAtMs;
  if (lengthMs > 0 && lengthMs <= MAX_LENGTH_MS) return { deadlineMs, node, lengthMs };
  return { deadlineMs, node: undefined, lengthMs: 0 };
}

/**
 * The message that gives a stash another lease, and maybe another owner: a marker, unless the servers
 * would let go of the state behind it, for the number of markers or for its age, or did so already.
 *
 * @param isStored whether the servers have its state
 */
export function changeOf(
  entry: MirrorEntry,
  owner: OwnerKey | undefined,
  lease: Lease,
  nowMs: number,
  maxTtlMs: number,
  isStored = true,
): StashMessage {
  const followsSeq = entry.seq;
  const isRecent = entry.messagesSince < MAX_MARKERS && !isOld(entry, nowMs, maxTtlMs);
  const isStateSafe = isStored && isRecent;
  if (isStateSafe) return { kind: "marker", followsSeq, owner, lease };
  return { kind: "state", followsSeq, owner: owner ?? entry.owner, lease, record: entry.record };
}

/** Whether a state must be written again soon, as servers keep it for 3 times `maxTtlMs` only. */
export function isOld({ stateAtMs }: MirrorEntry, nowMs: number, maxTtlMs: number): boolean {
  return nowMs - stateAtMs > maxTtlMs;
}

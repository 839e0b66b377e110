// A silent peer did not reply, but may be alive: frozen, slow or cut off.
//
// A silence begins with the first request that is not answered, and ends with any message of the
// peer. Until then the peer's stashes may still exist, so no load may answer `absent`. Once the
// silence has lasted `peerSilenceMs`, the peer counts as gone, and its stashes are given up.

import { setTimeout as pause } from "node:timers/promises";
import type { PeerReply } from "./peer-network.ts";

/** The time of the first and of the last request that a peer did not answer, since its last message. */
export interface Silence {
  readonly sinceMs: number;
  readonly lastMs: number;
}

/**
 * A silence begins anew if the peer was not asked for this long, in ms, because the peer may have
 * been back in between. It is longer than a client waits before it joins again (10 s), so the
 * attempts of one page keep the silence going.
 */
const UNASKED_MS = 30_000;
/**
 * A peer from which nothing arrived for this long during a request is skipped, in ms. A healthy
 * peer answers in less than 1 ms, and in a few while it is busy.
 */
export const SKIP_AFTER_MS = 150;
/**
 * The longest time for which a silent peer is skipped, in ms, so that a frozen peer does not delay
 * every lookup. It is short against `peerSilenceMs`: the peer is asked several times before it
 * counts as gone.
 */
export const SKIPPED_MS = 2_000;
/**
 * The pause before a node that stops asks a silent peer again, in ms: short against the seconds
 * that a process has to stop.
 */
const PAUSE_MS = 100;

/**
 * Extends a peer's silence by a request that was sent at `askedMs` and is not answered yet, or
 * begins a new silence. `isUnbroken`: the peer cannot have been back in between.
 */
export function extendSilence(
  before: Silence | undefined,
  askedMs: number,
  isUnbroken = false,
): Silence {
  const continues = before !== undefined && (isUnbroken || askedMs - before.lastMs < UNASKED_MS);
  return { sinceMs: continues ? before.sinceMs : askedMs, lastMs: performance.now() };
}

/** Returns `gone` in place of a silence of `peerSilenceMs` or longer, and any other reply unchanged. */
export function goneIfSilentFor<Answer>(
  peerSilenceMs: number,
  reply: PeerReply<Answer>,
): PeerReply<Answer> {
  const isOver = reply.status === "silent" && reply.silentMs >= peerSilenceMs;
  return isOver ? { status: "gone" } : reply;
}

/** Pauses until a silent node is asked again, or the signal is aborted. */
export const pauseForSilence = (signal: AbortSignal): Promise<void> =>
  pause(PAUSE_MS, undefined, { signal }).catch(() => undefined);

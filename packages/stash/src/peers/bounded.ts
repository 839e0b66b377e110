import { setMaxListeners } from "node:events";
import { startTimeLimit } from "../time-limit.ts";
import type { PeerReply } from "./peer-network.ts";

/** Created once: each `DOMException` takes a stack trace, which showed in profiles of the lab. */
const SETTLED = new DOMException("It has settled.", "AbortError");

/**
 * Calls `run` with a signal that is aborted after `ms` (with a `TimeoutError`), with `parent`, or
 * once `run` has settled. Then no timer and no listener is left.
 */
export async function within<Outcome>(
  ms: number,
  parent: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<Outcome>,
): Promise<Outcome> {
  const controller = new AbortController();
  // One listener for each node, of which there may be more than the 10 that Node.js warns of.
  setMaxListeners(0, controller.signal);
  const endLimit = startTimeLimit(ms, () => {
    controller.abort(new DOMException("No answer in time.", "TimeoutError"));
  });
  const follow = (): void => controller.abort(parent?.reason);
  parent?.addEventListener("abort", follow);
  if (parent?.aborted === true) follow();
  try {
    return await run(controller.signal);
  } finally {
    endLimit();
    parent?.removeEventListener("abort", follow);
    // Ends requests whose answers are not needed any more.
    controller.abort(SETTLED);
  }
}

/** Whether a signal was aborted because its time was over, and not for another reason. */
export function isTimeOut({ reason }: AbortSignal): boolean {
  return reason instanceof DOMException && reason.name === "TimeoutError";
}

/** Returns the outcome of a call that takes no signal, or `undefined` as soon as the signal is aborted. */
export function unlessAborted<Outcome>(
  outcome: Promise<Outcome>,
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const abort = (): void => resolve(undefined);
    signal.addEventListener("abort", abort);
    outcome.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/** Returns the reply, or `undefined` if it takes longer than `ms`. The request goes on. */
export function replyWithin<Reply>(reply: Promise<Reply>, ms: number): Promise<Reply | undefined> {
  return new Promise((resolve, reject) => {
    const endLimit = startTimeLimit(ms, () => resolve(undefined));
    reply.then(resolve, reject).finally(endLimit);
  });
}

/**
 * Returns the first reply with an answer that is not `undefined`. If there is none, once all have
 * replied: `silent` with the shortest silence if a node was silent, otherwise `answered` with
 * `undefined`.
 */
export function firstReply<Answer>(
  replies: readonly Promise<PeerReply<Answer>>[],
): Promise<PeerReply<Answer>> {
  return new Promise((resolve, reject) => {
    let left = replies.length;
    let silentMs: number | undefined;
    const resolveIfLast = (): void => {
      if (left > 0) return;
      if (silentMs === undefined) resolve({ status: "answered", answer: undefined });
      else resolve({ status: "silent", silentMs });
    };
    resolveIfLast();
    for (const each of replies) {
      each.then((reply) => {
        left -= 1;
        if (reply.status === "answered" && reply.answer !== undefined) resolve(reply);
        if (reply.status === "silent") silentMs = Math.min(silentMs ?? Infinity, reply.silentMs);
        resolveIfLast();
      }, reject);
    }
  });
}

/** A silence begins anew after this long, in ms: longer than a client waits before it joins again (10 s). */
const SILENCE_LASTS_MS = 30_000;

/** The time of the first and of the last request that a peer did not answer, since its last message. */
export interface Silence {
  readonly sinceMs: number;
  readonly lastMs: number;
}

/**
 * Adds a request sent at `askedMs`, and not answered until now, to a peer's silence. A new silence begins
 * if the peer was not asked for long, because it may have been back in between; `isUnbroken` rules
 * that out.
 */
export function extendSilence(
  before: Silence | undefined,
  askedMs: number,
  isUnbroken = false,
): Silence {
  const continues =
    before !== undefined && (isUnbroken || askedMs - before.lastMs < SILENCE_LASTS_MS);
  return { sinceMs: continues ? before.sinceMs : askedMs, lastMs: performance.now() };
}

import { setMaxListeners } from "node:events";
import { startTimeLimit } from "../time-limit.ts";
import type { PeerReply } from "./peer-network.ts";

/** Made once: each would come with a stack trace, which showed in profiles of the lab. */
const SETTLED = new DOMException("It has settled.", "AbortError");

/**
 * Runs something with a signal that is aborted when `ms` have passed (with a `TimeoutError`), with another
 * one, and when it has settled. No timer and no listener is left then.
 */
export async function within<Outcome>(
  ms: number,
  parent: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<Outcome>,
): Promise<Outcome> {
  const controller = new AbortController();
  // As many as there are nodes may listen to it.
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
    // Whatever is still under way on the side is of no use any more.
    controller.abort(SETTLED);
  }
}

/** Whether a signal was aborted as the time was over, and not as something else was sooner. */
export function isTimeOut({ reason }: AbortSignal): boolean {
  return reason instanceof DOMException && reason.name === "TimeoutError";
}

/** What comes of it, or `undefined` as soon as the signal is aborted, for something that takes none. */
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

/**
 * The first reply with an answer that is not `undefined`. Without one, once all have replied: `silent`,
 * with the shortest silence, if one of them was, else `answered` with `undefined`.
 */
export function firstReply<Answer>(
  asked: readonly Promise<PeerReply<Answer>>[],
): Promise<PeerReply<Answer>> {
  return new Promise((resolve, reject) => {
    let left = asked.length;
    let silentMs: number | undefined;
    const settleIfAllReplied = (): void => {
      if (left > 0) return;
      if (silentMs === undefined) resolve({ status: "answered", answer: undefined });
      else resolve({ status: "silent", silentMs });
    };
    settleIfAllReplied();
    for (const asking of asked) {
      asking.then((reply) => {
        left -= 1;
        if (reply.status === "answered" && reply.answer !== undefined) resolve(reply);
        if (reply.status === "silent") silentMs = Math.min(silentMs ?? Infinity, reply.silentMs);
        settleIfAllReplied();
      }, reject);
    }
  });
}

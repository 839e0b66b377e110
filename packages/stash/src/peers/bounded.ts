import { setMaxListeners } from "node:events";
import { startTimeLimit } from "../time-limit.ts";

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

/** Returns the reply, or `undefined` if it takes longer than `ms`. The request is not cancelled. */
export function replyWithin<Reply>(reply: Promise<Reply>, ms: number): Promise<Reply | undefined> {
  return new Promise((resolve, reject) => {
    const endLimit = startTimeLimit(ms, () => resolve(undefined));
    reply.then(resolve, reject).finally(endLimit);
  });
}

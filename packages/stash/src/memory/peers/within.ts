import { setMaxListeners } from "node:events";

/**
 * Runs something with a signal that is aborted after so many ms, with another one, and when it
 * has settled. No timer and no listener is left then.
 */
export async function within<Outcome>(
  ms: number,
  parent: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<Outcome>,
): Promise<Outcome> {
  const controller = new AbortController();
  // As many as there are nodes may listen to it.
  setMaxListeners(0, controller.signal);
  const abort = (): void => controller.abort();
  const timer = setTimeout(abort, ms);
  parent?.addEventListener("abort", abort);
  if (parent?.aborted === true) abort();
  try {
    return await run(controller.signal);
  } finally {
    clearTimeout(timer);
    parent?.removeEventListener("abort", abort);
    // Whatever is still under way on the side is of no use any more.
    abort();
  }
}

/** A timer that fires this late, in ms, indicates a stall of the event loop: a busy tick is far shorter. */
const STALL_MS = 50;

/**
 * Starts a time limit of `ms` and calls `onOver` when it has passed. Returns a function that cancels the
 * limit; calling it again, or later, does nothing.
 *
 * After a stall of the event loop, Node.js runs due timers before it reads its sockets, so an answer that
 * arrived in time would be found too late. The limit therefore takes effect only after the sockets have been
 * read once more. If the timer itself fired late, the limit is extended once by the length of the stall, at
 * most `ms`, since the request may have been sent only after the stall.
 */
export function startTimeLimit(ms: number, onOver: () => void): () => void {
  const dueMs = performance.now() + ms;
  let wasExtended = false;
  let timer: NodeJS.Timeout | undefined = setTimeout(check, ms);
  let afterPoll: NodeJS.Immediate | undefined;

  function check(): void {
    const lateMs = performance.now() - dueMs;
    if (lateMs >= STALL_MS && !wasExtended) {
      wasExtended = true;
      timer = setTimeout(check, Math.min(lateMs, ms));
      return;
    }
    timer = undefined;
    afterPoll = setImmediate(onOver);
  }

  return () => {
    if (timer !== undefined) clearTimeout(timer);
    if (afterPoll !== undefined) clearImmediate(afterPoll);
  };
}

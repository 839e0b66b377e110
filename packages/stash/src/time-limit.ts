/** A timer that fires this late, in ms, shows a stall of the event loop: far more than a busy turn. */
const STALL_MS = 50;

/**
 * Starts a time limit of `ms` and calls `onOver` when it has passed. The function that is returned
 * ends the limit before that; calling it again, or later, does nothing.
 *
 * After a stall of the event loop Node.js runs the timers that are due before it reads its sockets, so
 * an answer that came in time would be found too late. The limit is therefore decided only after the
 * sockets were read once more. If the timer itself fired late, the other side gets the time of the
 * stall again, at most `ms`: the request may have been sent only after the stall.
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

import type { MaybePromise } from "./adapter.ts";
import { isPromise } from "./adapter-call.ts";
import { startTimeLimit } from "../time-limit.ts";

/**
 * What `answer` comes to, if it does so within `timeoutMs`; else rejects, saying so of `source`. What
 * is there at once costs no timer; what comes too late is nobody's unhandled rejection.
 */
export async function settledWithin<Answer>(
  answer: MaybePromise<Answer>,
  timeoutMs: number,
  source: string,
): Promise<Answer> {
  if (!isPromise(answer)) return answer;
  let endLimit = (): void => {};
  const tooLate = new Promise<never>((_, reject) => {
    endLimit = startTimeLimit(timeoutMs, () => {
      reject(new Error(`Expected ${source} to settle within ${timeoutMs} ms, and it did not.`));
    });
  });
  try {
    return await Promise.race([answer, tooLate]);
  } finally {
    endLimit();
  }
}

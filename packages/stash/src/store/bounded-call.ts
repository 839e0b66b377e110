import { StashError } from "../errors.ts";
import { startTimeLimit } from "../time-limit.ts";
import type { MaybePromise, StashAdapter } from "./adapter.ts";

/** The adapter to call, and the time limit for its answer. */
export interface CallSettings {
  readonly adapter: StashAdapter;
  readonly timeoutMs: number;
}

type CallName = "save" | "load" | "keepAlive" | "forget";
type Request<Name extends CallName> = Parameters<StashAdapter[Name]>[0];
type Outcome<Name extends CallName> = Awaited<ReturnType<StashAdapter[Name]>>;

/**
 * Calls an adapter and waits a bounded time for its outcome. An outcome that the adapter has at once is
 * returned at once: such a call costs no timer. Throws or rejects with the adapter's own `StashError`,
 * with `adapter_unavailable` for any other error, and with `adapter_timeout`. `onLate` receives an
 * outcome that comes after the timeout.
 */
export function callAdapter<Name extends CallName>(
  { adapter, timeoutMs }: CallSettings,
  name: Name,
  request: Request<Name>,
  onLate?: (outcome: Outcome<Name>) => void,
): MaybePromise<Outcome<Name>> {
  let answer: MaybePromise<Outcome<Name>>;
  try {
    answer = (adapter[name] as (request: Request<Name>) => typeof answer)(request);
  } catch (cause) {
    throw callFailed(adapter, name, cause);
  }
  if (!isPromise(answer)) return answer;
  return withinTime(answer, timeoutMs, {
    timedOut: () => callTimedOut(adapter, name, timeoutMs),
    failed: (cause) => callFailed(adapter, name, cause),
    onLate,
  });
}

/** Cleans up after a call whose timeout has been reported already. A failure is ignored: the stash expires. */
export async function cleanUp<Name extends CallName>(
  settings: CallSettings,
  name: Name,
  request: Request<Name>,
): Promise<void> {
  try {
    await callAdapter(settings, name, request);
  } catch {
    // The stash stays until its deadline.
  }
}

/**
 * Resolves with the answer of a callback of the application, or rejects if the callback, `source`, has
 * not settled within `timeoutMs`. An answer that is no promise costs no timer.
 */
export async function settledWithin<Answer>(
  answer: MaybePromise<Answer>,
  timeoutMs: number,
  source: string,
): Promise<Answer> {
  if (!isPromise(answer)) return answer;
  return await withinTime(answer, timeoutMs, {
    timedOut: () =>
      new Error(`Expected ${source} to settle within ${timeoutMs} ms, and it did not.`),
    failed: (cause) => cause,
  });
}

/** Whether an answer has to be waited for. */
export function isPromise<Answer>(answer: MaybePromise<Answer>): answer is Promise<Answer> {
  return typeof answer === "object" && answer !== null && "then" in answer;
}

interface WaitOutcomes<Answer> {
  /** The error to reject with at the time limit. */
  readonly timedOut: () => Error;
  /** The error to reject with in place of the answer's own. */
  readonly failed: (cause: unknown) => unknown;
  /** Receives an answer that comes after the time limit. A late rejection is ignored. */
  readonly onLate?: ((answer: Answer) => void) | undefined;
}

function withinTime<Answer>(
  answer: Promise<Answer>,
  timeoutMs: number,
  { timedOut, failed, onLate }: WaitOutcomes<Answer>,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let isTimedOut = false;
    const endLimit = startTimeLimit(timeoutMs, () => {
      isTimedOut = true;
      reject(timedOut());
    });
    answer.then(
      (value) => {
        endLimit();
        if (isTimedOut) onLate?.(value);
        else resolve(value);
      },
      (cause: unknown) => {
        endLimit();
        reject(failed(cause));
      },
    );
  });
}

function callTimedOut(adapter: StashAdapter, name: CallName, timeoutMs: number): StashError {
  return new StashError(
    "adapter_timeout",
    `${name} of the stash adapter "${adapter.name}": expected an answer within ${timeoutMs} ms, ` +
      "found none. Check the store, or raise timeoutMs.",
  );
}

function callFailed(adapter: StashAdapter, name: CallName, cause: unknown): StashError {
  if (cause instanceof StashError) return cause;
  return new StashError(
    "adapter_unavailable",
    `${name} of the stash adapter "${adapter.name}" failed: expected an outcome, found an error (see ` +
      "cause). Check the store; the next call tries again.",
    { cause },
  );
}

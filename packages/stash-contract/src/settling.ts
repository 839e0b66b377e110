import { AssertionError, fail, ok } from "node:assert/strict";
import { StashError, type StashErrorCode } from "live-stash";

/** Added to the adapter's stated time: a busy machine must not fail a test. */
const GRACE_MS = 2_000;

export const AWAY: readonly StashErrorCode[] = ["adapter_unavailable", "adapter_timeout"];
export const CLOSED: readonly StashErrorCode[] = ["adapter_closed"];

/**
 * What a call answers, or the `StashError` with which it rejects. Fails if it does neither within
 * the time, or rejects with anything else.
 */
export async function settle<Outcome>(
  name: string,
  call: Promise<Outcome>,
  withinMs: number,
): Promise<Outcome | StashError> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const message = `${name}: expected an answer or a rejection within ${withinMs} ms, found none.`;
    timer = setTimeout(() => reject(new AssertionError({ message })), withinMs + GRACE_MS);
  });
  try {
    return await Promise.race([call.catch((error: unknown) => rejection(name, error)), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Fails unless a call rejects within the time, with one of the codes. */
export async function assertRejects(
  name: string,
  call: Promise<unknown>,
  codes: readonly StashErrorCode[],
  withinMs: number,
): Promise<void> {
  const outcome = await settle(name, call, withinMs);
  const expected = `${name}: expected a rejection with ${codes.join(" or ")}`;
  if (!(outcome instanceof StashError)) fail(`${expected}, found an answer.`);
  ok(codes.includes(outcome.code), `${expected}, found ${outcome.code}: ${outcome.message}`);
}

function rejection(name: string, error: unknown): StashError {
  const allowed = [...AWAY, ...CLOSED];
  const expected = `${name}: expected a rejection with a StashError of ${allowed.join(", ")}`;
  if (!(error instanceof StashError)) fail(`${expected}, found ${String(error)}.`);
  ok(allowed.includes(error.code), `${expected}, found ${error.code}.`);
  return error;
}

import type { StashId } from "live-stash/adapter";
import type { AdapterNode } from "./adapter-node.ts";
import { newId } from "./samples.ts";
import { AssertionError, fail, ok } from "node:assert/strict";
import { StashError, type StashErrorCode } from "live-stash";

/** The time for calls of an adapter without a service, which needs far less. In ms. */
export const SETTLES_WITHIN_MS = 10_000;

/** Calls by name, so that a failure names the call. */
export type Calls = Readonly<Record<string, Promise<unknown>>>;

/** Makes each call once, on a stash of `one`. */
export function everyCall(node: AdapterNode, id: StashId): Calls {
  return {
    create: node.create(newId(), "one"),
    save: node.save(id, "one"),
    load: node.load(id, "one"),
    keepAlive: node.keepAlive(id, "one"),
    forget: node.forget(id, "one"),
  };
}

/** Checks all calls at the same time. */
export async function forAll(
  calls: Calls,
  check: (name: string, call: Promise<unknown>) => Promise<unknown>,
): Promise<void> {
  await Promise.all(Object.entries(calls).map(([name, call]) => check(name, call)));
}

/** Added to the adapter's stated time, so that a busy machine fails no test. */
const GRACE_MS = 2_000;

export const AWAY: readonly StashErrorCode[] = ["adapter_unavailable", "adapter_timeout"];
export const CLOSED: readonly StashErrorCode[] = ["adapter_closed"];

/**
 * Returns the outcome of a call, or the `StashError` with which it rejects. Fails if the call does not
 * settle in time, or rejects with any other error.
 */
export async function settle<Outcome>(
  name: string,
  call: Promise<Outcome>,
  withinMs: number,
): Promise<Outcome | StashError> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const message = `${name}: expected the call to settle within ${withinMs} ms, but it is still pending.`;
    timer = setTimeout(() => reject(new AssertionError({ message })), withinMs + GRACE_MS);
  });
  try {
    return await Promise.race([call.catch((error: unknown) => rejection(name, error)), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Fails unless a call rejects in time with one of the codes. */
export async function assertRejects(
  name: string,
  call: Promise<unknown>,
  codes: readonly StashErrorCode[],
  withinMs: number,
): Promise<void> {
  const outcome = await settle(name, call, withinMs);
  const expected = `${name}: expected a rejection with ${codes.join(" or ")}`;
  if (!(outcome instanceof StashError)) fail(`${expected}, but the call succeeded.`);
  ok(codes.includes(outcome.code), `${expected}, got ${outcome.code}: ${outcome.message}`);
}

function rejection(name: string, error: unknown): StashError {
  const allowed = [...AWAY, ...CLOSED];
  const expected = `${name}: expected a rejection with a StashError whose code is ${allowed.join(" or ")}`;
  if (!(error instanceof StashError)) fail(`${expected}, got ${String(error)}.`);
  ok(allowed.includes(error.code), `${expected}, got ${error.code}.`);
  return error;
}

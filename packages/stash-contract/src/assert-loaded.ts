import { fail, ok } from "node:assert/strict";
import type { LoadOutcome } from "live-stash/adapter";

/** Fails unless exactly these bytes were loaded, and does not print megabytes of them. */
export function assertLoaded(outcome: LoadOutcome, expected: Uint8Array): void {
  if (outcome.status !== "loaded") {
    fail(`load(): expected a record of ${expected.length} bytes, found "${outcome.status}".`);
  }
  const { record } = outcome;
  ok(record instanceof Uint8Array, "load(): expected the record to be a Uint8Array.");
  if (sameBytes(record, expected)) return;
  const found = record.length === expected.length ? "other bytes" : `${record.length} bytes`;
  fail(`load(): expected the ${expected.length} bytes that were saved last, found ${found}.`);
}

/** Fails if something was loaded. */
export function assertAbsent(outcome: LoadOutcome): void {
  if (outcome.status === "absent") return;
  fail(`load(): expected "absent", found "${outcome.status}".`);
}

export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

import { randomBytes } from "node:crypto";
import type { LoadOutcome, StashId } from "live-stash/adapter";
import { fail, ok } from "node:assert/strict";

/** Returns a random id, as the core does. */
export function newId(): StashId {
  return randomBytes(16).toString("base64url");
}

/** Returns a record that differs from those with another seed. Its bytes are no record of the core. */
export function sampleRecord(byteLength: number, seed = 1): Uint8Array {
  const record = new Uint8Array(byteLength);
  // All byte values occur, and two neighboring seeds differ at every position.
  for (let at = 0; at < byteLength; at += 1) record[at] = at * 7 + seed;
  return record;
}

export const SAMPLE = sampleRecord(300);
export const OTHER = sampleRecord(500, 2);

/** Fails unless exactly these bytes were loaded. The message does not print the bytes: it may be many. */
export function assertLoaded(outcome: LoadOutcome, expected: Uint8Array): void {
  if (outcome.status !== "loaded") {
    fail(`load(): expected a record of ${expected.length} bytes, got "${outcome.status}".`);
  }
  const { record } = outcome;
  ok(
    record instanceof Uint8Array,
    "load(): expected the record to be a Uint8Array, got another type.",
  );
  if (sameBytes(record, expected)) return;
  const found = record.length === expected.length ? "other bytes" : `${record.length} bytes`;
  fail(`load(): expected the ${expected.length} bytes that were saved last, got ${found}.`);
}

/** Fails unless the stash was absent. */
export function assertAbsent(outcome: LoadOutcome): void {
  if (outcome.status === "absent") return;
  fail(`load(): expected "absent", got "${outcome.status}".`);
}

export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

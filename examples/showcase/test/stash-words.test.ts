import { StashError, type RecoverErrorReason } from "live-stash";
import { expect, test } from "vitest";
import { formatDuration } from "../src/format.ts";
import { recoveryWords, resetWords, stashWords } from "../src/stash-words.ts";

test("durations are as short as they can be said", () => {
  expect([0, 449, 9_940, 12_400, 119_000, 300_000].map(formatDuration)).toEqual([
    "0 s",
    "0.4 s",
    "9.9 s",
    "12 s",
    "119 s",
    "5 min",
  ]);
});

test("each way in which a state could not be used has words of its own", () => {
  const reasons: readonly RecoverErrorReason[] = [
    "reference_rejected",
    "version_mismatch",
    "unreadable",
    "schema_rejected",
    "migration_failed",
    "adapter_failed",
  ];
  const details = reasons.map((reason) => recoveryWords({ status: "error", reason }).detail);
  const missing = (["nothing_held", "absent", "superseded"] as const).map(
    (reason) => recoveryWords({ status: "not_found", reason }).detail,
  );

  expect(new Set([...details, ...missing]).size).toBe(9);
});

test("a stash that failed is told by its code", () => {
  const error = new StashError("adapter_full", "no room");

  expect(stashWords({ status: "error", error })).toBe("Not saved: adapter_full");
  expect(resetWords({ status: "error", error })).toBe("Not forgotten: adapter_full");
});

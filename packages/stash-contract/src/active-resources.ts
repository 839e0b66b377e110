import { deepEqual } from "node:assert/strict";
import { eventually } from "./eventually.ts";

/** Sockets take a moment to close. */
const ENDS_WITHIN_MS = 5_000;

/** The kinds of what keeps this process alive, and how many there are of each. */
export function activeResources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

/** Fails if more of any kind stays active than was before. */
export async function assertNothingRuns(before: ReadonlyMap<string, number>): Promise<void> {
  await eventually(() => {
    const more = [...activeResources()].filter(([kind, count]) => count > (before.get(kind) ?? 0));
    deepEqual(Object.fromEntries(more), {}, "Expected nothing left running after close().");
  }, ENDS_WITHIN_MS);
}

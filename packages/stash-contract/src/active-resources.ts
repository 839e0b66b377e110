import { deepEqual } from "node:assert/strict";
import { eventually } from "./wait.ts";

/** Closed sockets end within milliseconds; 5 s leave room for a busy machine. */
const ENDS_WITHIN_MS = 5_000;

/** Counts the resources that keep this process alive, by kind. */
export function activeResources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

/** Fails if more resources of any kind stay active than `before`. */
export async function assertNothingRuns(before: ReadonlyMap<string, number>): Promise<void> {
  await eventually(() => {
    const more = [...activeResources()].filter(([kind, count]) => count > (before.get(kind) ?? 0));
    deepEqual(
      Object.fromEntries(more),
      {},
      "close(): expected no open timers, sockets or other handles, found more than before.",
    );
  }, ENDS_WITHIN_MS);
}

import { WRONG_CALLS } from "./broken-memory/calls.ts";
import { WRONG_DEADLINES } from "./broken-memory/deadlines.ts";
import type { BrokenMemory } from "./broken-memory/memory-but.ts";
import { WRONG_OWNERS } from "./broken-memory/owners.ts";
import { WRONG_RECORDS } from "./broken-memory/records.ts";

export { abandoned } from "./broken-memory/calls.ts";
export type { BrokenMemory, Clock } from "./broken-memory/memory-but.ts";

/** Adapters without a service, each with one defect, by what the adapter does wrong. */
export const BROKEN_MEMORIES = {
  ...WRONG_OWNERS,
  ...WRONG_DEADLINES,
  ...WRONG_RECORDS,
  ...WRONG_CALLS,
} satisfies Record<string, BrokenMemory>;

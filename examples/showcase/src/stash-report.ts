import type { LateRecoverResult, RecoverResult, ResetResult, StashResult } from "live-stash";
import type { MemoryFigures } from "live-stash/peers";
import { recoveryWords, resentFormWords, resetWords, stashWords } from "./stash-words.ts";
import type { Showcase } from "./showcase.ts";

/** One line of the log. */
export interface LogEntry {
  readonly id: number;
  /** In ms since the epoch. */
  readonly atMs: number;
  readonly text: string;
}

/** The contents of a page's panel about its stash. */
export interface StashReport {
  readonly recovery: RecoverResult | LateRecoverResult;
  /** The size of the stash that this view last saved, in bytes; `undefined` before the first save. */
  readonly savedBytes: number | undefined;
  /** `undefined` unless stashes are in memory. */
  readonly figures: MemoryFigures | undefined;
  /** Newest first. */
  readonly log: readonly LogEntry[];
}

const MAX_LOG_ENTRIES = 5;

/** Begins the report of a view with the result of its recovery. */
export function openReport(showcase: Showcase, recovery: RecoverResult): StashReport {
  const report: StashReport = {
    recovery,
    savedBytes: undefined,
    figures: figuresOf(showcase),
    log: [],
  };
  return noted(showcase, report, recoveryWords(recovery).title);
}

/** Adds the result of a recovery that was still pending when the view began. */
export function noteRecovery(
  showcase: Showcase,
  report: StashReport,
  recovery: RecoverResult | LateRecoverResult,
): StashReport {
  return noted(showcase, { ...report, recovery }, recoveryWords(recovery).title);
}

/** Adds a form’s event that the client sent by itself, after its page had joined again. */
export function noteResentForm(
  showcase: Showcase,
  report: StashReport,
  recovered: unknown,
): StashReport {
  return noted(showcase, report, resentFormWords(recovered));
}

/** Adds the result of a `stash()`. */
export function noteStash(
  showcase: Showcase,
  report: StashReport,
  result: StashResult,
): StashReport {
  const savedBytes = result.status === "saved" ? result.bytes : report.savedBytes;
  return noted(showcase, { ...report, savedBytes }, stashWords(result));
}

/** Adds the result of a `resetStash()`. */
export function noteReset(
  showcase: Showcase,
  report: StashReport,
  result: ResetResult,
): StashReport {
  const savedBytes = result.status === "reset" ? undefined : report.savedBytes;
  return noted(showcase, { ...report, savedBytes }, resetWords(result));
}

function figuresOf({ adapter, adapters: { memory } }: Showcase): MemoryFigures | undefined {
  return adapter === memory ? memory.figures() : undefined;
}

function noted(showcase: Showcase, report: StashReport, text: string): StashReport {
  const entry = { id: (report.log[0]?.id ?? 0) + 1, atMs: showcase.now(), text };
  return {
    ...report,
    figures: figuresOf(showcase),
    log: [entry, ...report.log].slice(0, MAX_LOG_ENTRIES),
  };
}

import type { AdapterRun, LabResult } from "../result.ts";
import { ADAPTER_LOOKS } from "./adapters.ts";
import { formatCount } from "./quantity.ts";

/** A warning that a reader needs before any figure. */
export interface Problem {
  readonly kind: "invalid" | "finding" | "failed" | "incomplete";
  /** The adapter, such as "Redis", or "Whole run". */
  readonly where: string;
  readonly text: string;
}

export interface Verdict {
  /** The page's title, in one sentence. */
  readonly headline: string;
  readonly isGood: boolean;
  readonly problems: readonly Problem[];
}

/** The note that accompanies every figure of the control. */
export const BY_HAND = "The control: pages that stash by hand, not with LiveStash.";

/** Summarizes a run in one sentence, and lists its problems. */
export function verdictOf(result: LabResult): Verdict {
  const problems = [...incomplete(result), ...result.runs.flatMap(problemsOf)];
  return {
    headline: headline(result, problems),
    isGood: problems.length === 0 && result.runs.length > 0,
    problems,
  };
}

/** Counts the errors of all kinds together. */
export function errorCount({ counts }: AdapterRun): number {
  return Object.values(counts.errors).reduce((sum, count) => sum + count, 0);
}

/** Lists the invalid runs, for pictures that are shown without the page; `null` if all are valid. */
export function invalidNote({ runs }: LabResult): string | null {
  const invalid = runs.filter(({ validity }) => !validity.isValid);
  if (invalid.length === 0) return null;
  return `Invalid: ${invalid.map(({ adapter }) => ADAPTER_LOOKS[adapter].label).join(", ")}`;
}

function headline({ runs, failures = [] }: LabResult, problems: readonly Problem[]): string {
  const sum = (read: (run: AdapterRun) => number) =>
    runs.reduce((total, run) => total + read(run), 0);
  const lost = sum(({ counts }) => counts.lost);
  const wrong = sum(({ counts }) => counts.wrong + counts.revived);
  const recovered = sum(({ counts }) => counts.recovered);
  const invalid = runs.filter((run) => !run.validity.isValid).length;
  if (runs.length === 0) return "Nothing was measured";
  if (lost > 0) return `${count(lost, "state")} lost`;
  if (wrong > 0) return count(wrong, "wrong answer");
  if (failures.length > 0) return `${count(failures.length, "adapter")} failed`;
  if (invalid > 0) return `${invalid} of ${count(runs.length, "run")} invalid`;
  if (problems.some(({ kind }) => kind === "finding")) return "The application has problems";
  if (recovered === 0) return "Only the baseline was measured";
  return `${formatCount(recovered)} states recovered, none lost`;
}

function count(number: number, noun: string): string {
  return `${formatCount(number)} ${noun}${number === 1 ? "" : "s"}`;
}

function incomplete({ isInterrupted, failures = [] }: LabResult): readonly Problem[] {
  const text =
    "The run was interrupted: the last adapter's part is shorter, later ones are missing.";
  return [
    ...(isInterrupted ? [{ kind: "incomplete", where: "Whole run", text } as const] : []),
    ...failures.map(({ adapter, reason }): Problem => {
      const where = ADAPTER_LOOKS[adapter].label;
      return { kind: "failed", where, text: `The run failed: ${reason}` };
    }),
  ];
}

function problemsOf(run: AdapterRun): readonly Problem[] {
  const where = ADAPTER_LOOKS[run.adapter].label;
  const { isValid, reasons } = run.validity;
  const why = reasons.length === 0 ? ["No reason was recorded."] : reasons;
  const down = run.prometheus?.targetsDown ?? [];
  return [
    ...(isValid ? [] : why.map((text): Problem => ({ kind: "invalid", where, text }))),
    ...run.findings.map(({ text }): Problem => ({ kind: "finding", where, text })),
    ...(down.length === 0
      ? []
      : [
          {
            kind: "incomplete",
            where,
            text: `Prometheus could not reach ${down.join(", ")}.`,
          } as const,
        ]),
  ];
}

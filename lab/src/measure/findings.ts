import type { AdapterRun, Finding } from "../result.ts";

/** A run without its findings. */
export type MeasuredRun = Omit<AdapterRun, "findings"> & {
  /** The first faults. Each text begins with the fault's outcome. */
  readonly examples: readonly string[];
};

/** Handles that are no leak: nginx keeps its connections to a node for a while. */
const KEPT_HANDLES = 50;
const KEPT_TIMERS = 10;
/** Above noise, and above the time that any adapter may take. */
const SLOWER_BY_MS = 10;

/** Finds the faults of the application. @param baseline The same scenario without a stash. */
export function findingsOf(run: MeasuredRun, baseline: MeasuredRun | undefined): Finding[] {
  return [...wrongStates(run), ...leaks(run), ...slowness(run, baseline)];
}

function wrongStates({ counts, examples }: MeasuredRun): Finding[] {
  const firstOf = (outcome: string): string => {
    const example = examples.find((each) => each.startsWith(`${outcome}: `));
    return example === undefined ? "" : ` The first: ${example.slice(outcome.length + 2)}.`;
  };
  const { wrong, lost, revived, recovered, errors } = counts;
  const findings: Finding[] = [];
  if (wrong > 0) {
    findings.push({
      code: "wrong_value",
      text: `${wrong} pages showed a wrong count, size, content or status (${recovered} recoveries were right).${firstOf("wrong")}`,
    });
  }
  if (lost > 0) {
    findings.push({
      code: "lost_state",
      text: `${lost} returns within the TTL did not find the acknowledged state (${recovered} did).${firstOf("lost")}`,
    });
  }
  if (revived > 0) {
    findings.push({
      code: "revived_state",
      text: `${revived} returns long after the TTL still found their state.${firstOf("revived")}`,
    });
  }
  const failed = Object.values(errors).reduce((sum, count) => sum + count, 0);
  if (failed > 0) {
    const kinds = Object.entries(errors).map(([what, count]) => `${what} (${count})`);
    findings.push({ code: "errors", text: `${failed} steps failed: ${kinds.join(", ")}.` });
  }
  return findings;
}

function leaks({ nodes }: MeasuredRun): Finding[] {
  return nodes.flatMap(({ name, before, after }): Finding[] => {
    if (after === null) return [];
    const left = [
      { what: "views", count: after.views, kept: 0 },
      { what: "timers", count: after.timers - before.timers, kept: KEPT_TIMERS },
      { what: "handles", count: after.handles - before.handles, kept: KEPT_HANDLES },
    ].filter(({ count, kept }) => count > kept);
    return left.map(({ what, count }) => ({
      code: "leak",
      text: `${name} had ${count} more ${what} after all users had left than before the first one.`,
    }));
  });
}

function slowness(run: MeasuredRun, baseline: MeasuredRun | undefined): Finding[] {
  if (baseline === undefined) return [];
  const areValid = run.validity.isValid && baseline.validity.isValid;
  const doubt = areValid ? "" : " One of the two runs is invalid: the machine may be the cause.";
  return (["stash", "reconnect"] as const).flatMap((step): Finding[] => {
    const here = run.steps[step].fromSentMs;
    const there = baseline.steps[step].fromSentMs;
    if (here.count === 0 || there.count === 0) return [];
    const slowerMs = here.p50Ms - there.p50Ms;
    if (slowerMs < SLOWER_BY_MS) return [];
    return [
      {
        code: "slow",
        text:
          `A ${step} takes ${here.p50Ms.toFixed(1)} ms (median), ${slowerMs.toFixed(1)} ms more ` +
          `than the baseline's ${there.p50Ms.toFixed(1)} ms.${doubt}`,
      },
    ];
  });
}

import type { AdapterRun, Finding } from "../result.ts";

/** A run before it was judged. */
export type MeasuredRun = Omit<AdapterRun, "findings"> & {
  /** The first of what should not have been, each beginning with the outcome that it is of. */
  readonly examples: readonly string[];
};

/** A node that answers other requests still has connections of nginx, which it keeps for a while. */
const KEPT_HANDLES = 50;
const KEPT_TIMERS = 10;
/** More than noise, and more than any adapter may take. */
const SLOWER_BY_MS = 10;

/** Names what is wrong with the application. @param baseline the same scenario without a stash. */
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
      text: `${wrong} pages showed another count, size, content or status than they had to (${recovered} recoveries were right).${firstOf("wrong")}`,
    });
  }
  if (lost > 0) {
    findings.push({
      code: "lost_state",
      text: `${lost} returns within the TTL did not find what had been acknowledged (${recovered} did).${firstOf("lost")}`,
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
      text: `${name} still had ${count} ${what} more than before when all users had left.`,
    }));
  });
}

function slowness(run: MeasuredRun, baseline: MeasuredRun | undefined): Finding[] {
  if (baseline === undefined) return [];
  const areValid = run.validity.isValid && baseline.validity.isValid;
  const doubt = areValid ? "" : " One of the two runs is invalid: it may be the machine's doing.";
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

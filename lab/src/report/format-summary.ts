import type { LabResult } from "../result.ts";
import { ADAPTER_LOOKS } from "./adapters.ts";
import { formatCount, formatOver, formatQuantity } from "./quantity.ts";
import { textTable } from "./text-table.ts";
import { BY_HAND, errorCount, verdictOf } from "./verdict.ts";

/** Formats a run for a terminal: its verdict, a table, and its problems. */
export function formatSummary(result: LabResult): string {
  const { headline, problems } = verdictOf(result);
  const base = result.runs.find((run) => run.adapter === "baseline")?.perCycle.cpuMs ?? null;
  const head = ["", "CPU/cycle", "over", "render p99", "stash p99", "return p99"];
  const rows = result.runs.map((run) => {
    const { perCycle, steps, counts, adapter, validity } = run;
    const p99 = (name: "firstRender" | "stash" | "reconnect") =>
      steps[name].fromSentMs.count === 0 ? "–" : formatQuantity(steps[name].fromSentMs.p99Ms, "ms");
    return [
      ADAPTER_LOOKS[adapter].label,
      formatQuantity(perCycle.cpuMs, "ms"),
      adapter === "baseline" ? "" : formatOver(perCycle.cpuMs, base),
      p99("firstRender"),
      p99("stash"),
      p99("reconnect"),
      formatCount(counts.recovered),
      formatCount(counts.expired),
      formatCount(counts.lost),
      formatCount(counts.wrong + counts.revived),
      formatCount(errorCount(run)),
      validity.isValid ? "" : "INVALID",
    ];
  });
  const outcomes = ["recovered", "expired", "lost", "wrong", "errors", ""];
  return [
    `${headline}.`,
    ...(result.stashing === undefined ? [] : [BY_HAND]),
    "",
    textTable([[...head, ...outcomes], ...rows]),
    ...(problems.length === 0 ? [] : [""]),
    ...problems.map(({ where, kind, text }) => `${where} (${kind}): ${text}`),
  ].join("\n");
}

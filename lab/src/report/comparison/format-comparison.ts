import { ADAPTER_LOOKS } from "../adapters.ts";
import { formatDigits, formatQuantity } from "../quantity.ts";
import { textTable } from "../text-table.ts";
import {
  countChanges,
  countIncomparable,
  type ComparedMetric,
  type Comparison,
} from "./compare-results.ts";

/** Formats a comparison for a terminal: the CPU of each adapter, and all changes. */
export function formatComparison(comparison: Comparison): string {
  const rows = comparison.adapters.flatMap(({ adapter, metrics }) =>
    metrics
      .filter(({ group, change }) => group === "CPU" || change === "better" || change === "worse")
      .map((metric) => [
        `${ADAPTER_LOOKS[adapter].label}: ${metric.name}`,
        formatValue(metric, metric.a),
        formatValue(metric, metric.b),
        formatRatio(metric),
        formatNoise(metric),
        metric.change === "same" ? "" : (metric.change ?? ""),
      ]),
  );
  return [
    `${comparisonHeadline(comparison)}.`,
    ...comparison.cautions.map((text) => `Caution: ${text}`),
    "",
    textTable([["", "A", "B", "B ÷ A", "noise", ""], ...rows]),
  ].join("\n");
}

/** Summarizes a comparison, such as "2 better, 1 worse, 71 within noise". */
export function comparisonHeadline(comparison: Comparison): string {
  const [better, worse, same] = (["better", "worse", "same"] as const).map((change) =>
    countChanges(comparison, change),
  );
  const incomparable = countIncomparable(comparison);
  if (better === 0 && worse === 0 && incomparable === 0) return "No difference beyond noise";
  const rest = incomparable === 0 ? "" : `, ${incomparable} not comparable`;
  return `${better} better, ${worse} worse, ${same} within noise${rest}`;
}

export function formatValue({ unit }: ComparedMetric, value: number | null): string {
  if (unit !== "times") return formatQuantity(value, unit);
  return value === null ? "–" : `× ${formatDigits(value)}`;
}

export function formatRatio({ ratio }: ComparedMetric): string {
  return ratio === null ? "–" : formatDigits(ratio);
}

/** Formats a metric's noise, such as "±5 %". */
export function formatNoise({ noise, a, b, change }: ComparedMetric): string {
  if (a !== null && b !== null && change === null) return "invalid";
  if (noise === Number.POSITIVE_INFINITY) return "too few";
  return noise === null ? "" : `±${Math.round(noise * 100)}\u00a0%`;
}

/** One figure of a benchmark. */
export interface BenchRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The largest value that meets the target. */
  readonly target?: number;
  /** Whether the value meets the target. Absent without a target. */
  readonly pass?: boolean;
}

/** Creates a row, and compares the value with the target, if there is one. */
export function benchRow(name: string, value: number, unit: string, target?: number): BenchRow {
  if (target === undefined) return { name, value, unit };
  return { name, value, unit, target, pass: value <= target };
}

/** Formats one figure per line, aligned. */
export function formatRows(rows: readonly BenchRow[]): string {
  const width = Math.max(...rows.map(({ name }) => name.length));
  return rows.map((row) => formatRow(row, width)).join("\n");
}

function formatRow({ name, value, unit, target, pass }: BenchRow, width: number): string {
  const shown = Number.isInteger(value) ? String(value) : value.toFixed(2);
  const verdict = target === undefined ? "" : ` (at most ${target}: ${pass ? "met" : "MISSED"})`;
  return `${name.padEnd(width)}  ${shown.padStart(10)} ${unit}${verdict}`;
}

import type { GateOutcome } from "./gates.ts";

const SUFFIX = { times: "×", ms: " ms", bytes: " B" } as const;

/** One gate per line, aligned, and how many hold. */
export function formatGates(gates: readonly GateOutcome[]): string {
  const width = Math.max(0, ...gates.map(({ name }) => name.length));
  const lines = gates.map(({ name, value, unit, atMost, holds }) => {
    const shown = value === null ? "not told" : `${Number(value.toPrecision(3))}${SUFFIX[unit]}`;
    const limit = `at most ${atMost}${SUFFIX[unit]}`;
    return `${name.padEnd(width)}  ${shown.padStart(9)}  ${limit.padEnd(15)}  ${holds ? "holds" : "DOES NOT HOLD"}`;
  });
  const held = gates.filter(({ holds }) => holds).length;
  return [...lines, "", `${held} of ${gates.length} gates hold.`].join("\n");
}

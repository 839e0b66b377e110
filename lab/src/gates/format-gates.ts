import type { GateOutcome } from "./gates.ts";

const SUFFIX = { times: "×", ms: " ms", bytes: " B" } as const;

/** Formats one gate per line, aligned, and counts those that hold. */
export function formatGates(gates: readonly GateOutcome[]): string {
  const width = Math.max(0, ...gates.map(({ name }) => name.length));
  const lines = gates.map(({ name, value, unit, atMost, holds }) => {
    const shown =
      value === null ? "not measured" : `${Number(value.toPrecision(3))}${SUFFIX[unit]}`;
    const limit = `at most ${atMost}${SUFFIX[unit]}`;
    return `${name.padEnd(width)}  ${shown.padStart(9)}  ${limit.padEnd(15)}  ${holds ? "holds" : "DOES NOT HOLD"}`;
  });
  const holding = gates.filter(({ holds }) => holds).length;
  return [...lines, "", `${holding} of ${gates.length} gates hold.`].join("\n");
}

import type { Series } from "../result.ts";

/** Computes a counter's rise per second between each reading and the previous one. */
export function ratesPerSecond(
  atMs: readonly number[],
  counter: readonly (number | null)[],
): Series {
  return counter.map((value, index) => {
    const before = index === 0 ? undefined : counter[index - 1];
    const seconds = ((atMs[index] ?? 0) - (atMs[index - 1] ?? 0)) / 1_000;
    if (index === 0) return value === null ? null : 0;
    if (value === null || before === null || before === undefined || seconds <= 0) return null;
    return round((value - before) / seconds);
  });
}

/** Computes a counter's rise between two times, interpolating between readings; `null` if they do not cover both. */
export function riseBetween(
  atMs: readonly number[],
  counter: readonly (number | null)[],
  fromMs: number,
  toMs: number,
): number | null {
  const from = valueAt(atMs, counter, fromMs);
  const to = valueAt(atMs, counter, toMs);
  return from === null || to === null || toMs <= fromMs ? null : to - from;
}

function valueAt(
  atMs: readonly number[],
  counter: readonly (number | null)[],
  wantedMs: number,
): number | null {
  let before: { readonly atMs: number; readonly value: number } | undefined;
  for (const [index, value] of counter.entries()) {
    const at = atMs[index];
    if (value === null || at === undefined) continue;
    if (at >= wantedMs) {
      if (before === undefined) return at === wantedMs ? value : null;
      const share = (wantedMs - before.atMs) / (at - before.atMs);
      return before.value + share * (value - before.value);
    }
    before = { atMs: at, value };
  }
  // The last reading is taken a little before the end.
  return before === undefined ? null : before.value;
}

/** Rounds to three decimals, enough for reports. */
export const round = (value: number): number => Math.round(value * 1_000) / 1_000;

import type { Gap } from "./busy-user.ts";

const SLICE_MS = 250;
const BARS = "▁▂▃▄▅▆▇█";

/** Summarizes in one line how long users were away, and how their returns are spread over time. */
export function reconnectReport(gaps: readonly Gap[]): string {
  const durations = gaps.map(({ durationMs }) => durationMs).sort((a, b) => a - b);
  const at = (share: number): number =>
    durations[Math.min(durations.length - 1, Math.floor(share * durations.length))] ?? 0;
  const backAt = gaps.map(({ atMs, durationMs }) => atMs + durationMs);
  const firstMs = Math.min(...backAt);
  const slices = Array.from(
    { length: Math.floor((Math.max(...backAt) - firstMs) / SLICE_MS) + 1 },
    (_, slice) => backAt.filter((ms) => Math.floor((ms - firstMs) / SLICE_MS) === slice).length,
  );
  const most = Math.max(...slices);
  const bars = slices.map((count) =>
    count === 0 ? " " : BARS.charAt(Math.ceil((count / most) * BARS.length) - 1),
  );
  return (
    `${gaps.length} returns, away for ${at(0.5)} / ${at(0.95)} / ${at(1)} ms (p50, p95, max); ` +
    `returns in slices of ${SLICE_MS} ms, at most ${most}: |${bars.join("")}|`
  );
}

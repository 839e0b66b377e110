/** The unit of a number, which decides its format. */
export type Unit = "count" | "bytes" | "bytesPerSecond" | "percent" | "ms" | "msPerSecond";

const SUFFIXES: Readonly<Record<Unit, string>> = {
  count: "",
  bytes: "B",
  bytesPerSecond: "B/s",
  percent: "%",
  ms: "ms",
  msPerSecond: "ms/s",
};

const SCALES = [
  { from: 1e9, letter: "G" },
  { from: 1e6, letter: "M" },
  { from: 1e3, letter: "k" },
] as const;

/** A no-break space, which keeps a number and its unit on one line. */
const SPACE = "\u00a0";
const MISSING = "–";

/** Formats with about three digits, such as "1.25 MB", "41.3 %", "12,345"; a dash for `null`. */
export function formatQuantity(value: number | null, unit: Unit): string {
  if (value === null || !Number.isFinite(value)) return MISSING;
  if (unit === "count") return formatCount(value);
  const scale = isScaled(unit) ? scaleOf(Math.abs(value)) : { from: 1, letter: "" };
  return `${formatDigits(value / scale.from)}${SPACE}${scale.letter}${SUFFIXES[unit]}`;
}

/** The unit of an axis: its ticks are values divided by `from`, followed by `suffix`. */
export interface TickScale {
  readonly from: number;
  readonly suffix: string;
}

/**
 * Chooses the unit for all ticks of an axis.
 *
 * @param largest The axis's largest value.
 */
export function tickScale(unit: Unit, largest: number): TickScale {
  const { from, letter } =
    isScaled(unit) || (unit === "count" && largest >= 10_000)
      ? scaleOf(largest)
      : { from: 1, letter: "" };
  return { from, suffix: `${letter}${SUFFIXES[unit]}` };
}

/** Formats the ticks of an axis, all in the unit of its largest value. */
export function formatTicks(unit: Unit, largest: number): (value: number) => string {
  const { from, suffix } = tickScale(unit, largest);
  return (value) => {
    const number = (value / from).toLocaleString("en-US", { maximumFractionDigits: 4 });
    return suffix === "" || value === 0 ? number : `${number}${SPACE}${suffix}`;
  };
}

/** Formats a number with thousands separators. Small numbers keep their decimals. */
export function formatCount(value: number): string {
  const digits = Math.abs(value) < 10 && !Number.isInteger(value) ? 1 : 0;
  return value.toLocaleString("en-US", { maximumFractionDigits: digits });
}

/** Formats with two decimals below 10, one below 100, none above: no more than a reader compares. */
export function formatDigits(value: number): string {
  const size = Math.abs(value);
  if (value === 0) return "0";
  const digits = size < 10 ? 2 : size < 100 ? 1 : 0;
  return value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** Formats a difference in percent: "+12 %", "−3 %", "±0 %"; a dash if a value is missing. */
export function formatOver(value: number | null, base: number | null): string {
  if (value === null || base === null || base === 0) return MISSING;
  const percent = Math.round((value / base - 1) * 100);
  if (percent === 0) return `±0${SPACE}%`;
  return `${percent > 0 ? "+" : "−"}${Math.abs(percent)}${SPACE}%`;
}

/** Formats a duration: "45 s", "3 min", "3 min 45 s". */
export function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const rest = seconds % 60;
  if (minutes === 0) return `${seconds}${SPACE}s`;
  const whole = `${minutes}${SPACE}min`;
  return rest === 0 ? whole : `${whole} ${rest}${SPACE}s`;
}

function isScaled(unit: Unit): boolean {
  return unit === "bytes" || unit === "bytesPerSecond";
}

function scaleOf(size: number): { readonly from: number; readonly letter: string } {
  return SCALES.find(({ from }) => size >= from) ?? { from: 1, letter: "" };
}

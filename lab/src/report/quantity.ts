/** What a number is, and therefore how it is written. */
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

/** No-break: a number must not part from its unit. */
const SPACE = "\u00a0";
const MISSING = "–";

/** With about three digits, such as "1.25 MB", "41.3 %", "12,345"; a dash for `null`. */
export function formatQuantity(value: number | null, unit: Unit): string {
  if (value === null || !Number.isFinite(value)) return MISSING;
  if (unit === "count") return formatCount(value);
  const scale = isScaled(unit) ? scaleOf(Math.abs(value)) : { from: 1, letter: "" };
  return `${formatDigits(value / scale.from)}${SPACE}${scale.letter}${SUFFIXES[unit]}`;
}

/** What an axis counts in: divide by `from`, write `suffix`. */
export interface TickScale {
  readonly from: number;
  readonly suffix: string;
}

/**
 * The unit in which all ticks of an axis are written.
 *
 * @param largest of the axis
 */
export function tickScale(unit: Unit, largest: number): TickScale {
  const { from, letter } =
    isScaled(unit) || (unit === "count" && largest >= 10_000)
      ? scaleOf(largest)
      : { from: 1, letter: "" };
  return { from, suffix: `${letter}${SUFFIXES[unit]}` };
}

/** Writes the ticks of an axis, all in the unit that suits its largest. */
export function formatTicks(unit: Unit, largest: number): (value: number) => string {
  const { from, suffix } = tickScale(unit, largest);
  return (value) => {
    const number = (value / from).toLocaleString("en-US", { maximumFractionDigits: 4 });
    return suffix === "" || value === 0 ? number : `${number}${SPACE}${suffix}`;
  };
}

/** A whole number with its thousands apart; parts of small numbers are kept. */
export function formatCount(value: number): string {
  const digits = Math.abs(value) < 10 && !Number.isInteger(value) ? 1 : 0;
  return value.toLocaleString("en-US", { maximumFractionDigits: digits });
}

/** Two decimals below 10, one below 100, none above: what a reader compares, no more. */
export function formatDigits(value: number): string {
  const size = Math.abs(value);
  if (value === 0) return "0";
  const digits = size < 10 ? 2 : size < 100 ? 1 : 0;
  return value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** How much more than another: "+12 %", "−3 %", "±0 %"; a dash if there is nothing to compare. */
export function formatOver(value: number | null, base: number | null): string {
  if (value === null || base === null || base === 0) return MISSING;
  const percent = Math.round((value / base - 1) * 100);
  if (percent === 0) return `±0${SPACE}%`;
  return `${percent > 0 ? "+" : "−"}${Math.abs(percent)}${SPACE}%`;
}

/** "45 s", "3 min", "3 min 45 s". */
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

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Parses a time such as `500ms`, `20s` or `1.5m` into ms; returns `undefined` for no text. */
export function readDurationMs(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const ms = Math.round(Number(number) * (UNITS[unit] ?? 0));
  if (ms > 0) return ms;
  throw new Error(`${option}: expected a time such as 500ms, 20s or 5m, got "${text}".`);
}

/** Formats a time as minutes and seconds, such as `2:05`. */
export function minutesAndSeconds(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

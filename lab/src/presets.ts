import type { Scenario } from "./result.ts";

/** The times and numbers of a scenario. */
export type Preset = Pick<Scenario, "users" | "ttlMs" | "durationMs" | "rampUpMs" | "rampDownMs">;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Returns a scenario as in the study: three TTLs long, with a quarter of that for each ramp. */
export const presetOf = (users: number, ttlMs: number): Preset => ({
  users,
  ttlMs,
  durationMs: 3 * ttlMs,
  rampUpMs: (3 * ttlMs) / 4,
  rampDownMs: (3 * ttlMs) / 4,
});

/**
 * The scales. `small` takes minutes for all adapters on two cores. `2000x20s` is the load at which the
 * original was measured on such a machine. The others are those of the published study.
 */
export const PRESETS: Readonly<Record<string, Preset>> = {
  small: presetOf(500, 10 * SECOND),
  "2000x20s": presetOf(2_000, 20 * SECOND),
  "1000x1m": presetOf(1_000, MINUTE),
  "5000x1m": presetOf(5_000, MINUTE),
  "10000x1m": presetOf(10_000, MINUTE),
  "17000x1m": presetOf(17_000, MINUTE),
  "25000x1m": presetOf(25_000, MINUTE),
  "25000x5m": presetOf(25_000, 5 * MINUTE),
  "25000x15m": presetOf(25_000, 15 * MINUTE),
};

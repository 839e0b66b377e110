import type { Scenario } from "../result.ts";
import { createRandom } from "@live-stash/test-servers/random";

/** The times of one user's steps, in ms since the run's start. They follow from the seed alone. */
export interface UserPlan {
  readonly startMs: number;
  /** The user leaves at the first disconnect after this time. */
  readonly endMs: number;
  /** Plans the user's next connection, from the end of the previous one. */
  nextConnection(): ConnectionPlan;
}

/** One connection: the socket opens, the state is stashed, the connection is lost. */
export interface ConnectionPlan {
  /** From the connection's start to the stash. */
  readonly untilStashMs: number;
  /** From the stash to the loss of the connection. */
  readonly untilLostMs: number;
  /** From that loss to the next connection's start. */
  readonly awayMs: number;
  /** The next connection is planned after the TTL. */
  readonly isLate: boolean;
}

// In TTLs. On average a connection and the time away take 0.6 TTL, so that 2,000 users with a TTL of
// 20 s make 166 cycles a second.
const CONNECTED = { from: 0.04, to: 0.15 } as const;
const AWAY_IN_TIME = { from: 0.1, to: 0.7 } as const;
/** A browser-held state may live a quarter of the TTL longer, so nothing is planned before that. */
const AWAY_LATE = { from: 1.3, to: 1.6 } as const;

/** Plans the user with that number, 0 to `users` - 1. */
export function planUser(scenario: Scenario, user: number): UserPlan {
  const { users, ttlMs, durationMs, rampUpMs, rampDownMs, lateShare, seed } = scenario;
  const random = createRandom(Math.imul(seed + 1, 2_654_435_761) ^ Math.imul(user, 40_503));
  return {
    startMs: (rampUpMs * (user + random.next())) / users,
    endMs: durationMs - rampDownMs + rampDownMs * random.next(),
    nextConnection() {
      const connectedMs = random.between(CONNECTED.from, CONNECTED.to) * ttlMs;
      const untilStashMs = connectedMs * random.between(0.2, 0.8);
      const isLate = random.next() < lateShare;
      const away = isLate ? AWAY_LATE : AWAY_IN_TIME;
      return {
        untilStashMs,
        untilLostMs: connectedMs - untilStashMs,
        awayMs: random.between(away.from, away.to) * ttlMs,
        isLate,
      };
    },
  };
}

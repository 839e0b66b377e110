import type { Clock, KeepAliveOutcome, KeepAliveRequest } from "live-stash";
import { keepAliveScript } from "./lua/keep-alive.ts";
import type { RedisConnection } from "./redis-connection.ts";
import { stashOutcome } from "./script-replies.ts";
import { ownerText } from "./stash-value.ts";
import { timeToLive } from "./time-to-live.ts";

/** Half a millisecond of Redis's time, in which it answers nobody else. */
const BATCH = 500;
const BYTES_PER_STASH = 64;

export interface KeepAliveSettings {
  readonly connection: RedisConnection;
  readonly keyOf: (id: string) => string;
  readonly clock: Clock;
  /** A script runs on one node of a cluster, and keys of one batch are on many. */
  readonly isCluster: boolean;
}

/** Sets the deadlines of any number of stashes, batch after batch, each in one write to a node. */
export async function keepAllAlive(
  settings: KeepAliveSettings,
  requests: readonly KeepAliveRequest[],
): Promise<readonly KeepAliveOutcome[]> {
  const outcomes: KeepAliveOutcome[] = [];
  for (let from = 0; from < requests.length; from += BATCH) {
    const batch = requests.slice(from, from + BATCH);
    // One after the other: what waits for Redis stays bounded, and others get their turn.
    outcomes.push(...(await keepBatch(settings, batch)));
  }
  return outcomes;
}

async function keepBatch(
  settings: KeepAliveSettings,
  batch: readonly KeepAliveRequest[],
): Promise<readonly KeepAliveOutcome[]> {
  if (!settings.isCluster) return runScript(settings, batch);
  const each = await Promise.all(batch.map((request) => runScript(settings, [request])));
  return each.flat();
}

async function runScript(
  { connection, keyOf, clock }: KeepAliveSettings,
  requests: readonly KeepAliveRequest[],
): Promise<readonly KeepAliveOutcome[]> {
  const [first = "", ...others] = requests.map(({ id }) => keyOf(id));
  const nowMs = clock.now();
  const reply = await connection.run({
    operation: "keepAlive",
    script: keepAliveScript,
    keys: [first, ...others],
    args: [
      String(nowMs),
      ...requests.flatMap(({ owner, expiresAtMs }) => [
        ownerText(owner),
        timeToLive(expiresAtMs, nowMs),
      ]),
    ],
    byteLength: requests.length * BYTES_PER_STASH,
  });
  const replies: readonly unknown[] = Array.isArray(reply) ? reply : [];
  return requests.map((_, index) => stashOutcome("keepAlive", replies[index], "kept"));
}

import { type NatsCluster, startNatsCluster } from "@live-stash/test-servers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runPartitions } from "./partition-checker.ts";

/** `PARTITION_SECONDS=300` runs for minutes, `PARTITION_SEED` repeats the choices of a run. */
const seconds = Number(process.env["PARTITION_SECONDS"] ?? 15);
const seed = Number(process.env["PARTITION_SEED"] ?? Math.floor(Math.random() * 1_000_000));
const TIMEOUT_MS = 800;
/** The time that a busy machine may add to a call. */
const GRACE_MS = 2_000;

let cluster: NatsCluster;
beforeAll(async () => {
  cluster = await startNatsCluster();
});
afterAll(() => cluster.close());

test(
  `while servers are killed, frozen and cut off, no acknowledged stash is lost or reverted (seed ${seed})`,
  { timeout: seconds * 1_000 + 180_000 },
  async () => {
    console.log(`PARTITION_SEED=${seed} PARTITION_SECONDS=${seconds}`);
    const result = await runPartitions({ cluster, seed, seconds, timeoutMs: TIMEOUT_MS });
    const { stashes, calls, unknown, failures, violations, slowestMs } = result;
    const took = `the slowest took ${Math.round(slowestMs)} ms`;
    console.log(`${stashes} stashes, ${calls} calls, ${unknown} without an answer, ${took}`);
    console.log(failures.join("\n"));
    expect(violations).toEqual([]);
    expect(calls - unknown).toBeGreaterThan(100);
    expect(slowestMs).toBeLessThan(TIMEOUT_MS + GRACE_MS);
  },
);

import { adapterContract, type Outage } from "@live-stash/contract";
import type { RedisServer } from "@live-stash/test-servers";
import { describe, it } from "vitest";
import { createRedisAdapter, type RedisAdapterOptions } from "../src/index.ts";

const TIMEOUT_MS = 1_500;
const MAX_RECORD_BYTES = 1_048_576;

type Service = Pick<RedisServer, "stop" | "start" | "pause" | "resume">;

/** Defines the tests of the contract for an adapter with `options`, which connect to `service`. */
export function redisContract(
  name: string,
  service: () => Service,
  options: () => RedisAdapterOptions,
): void {
  const outages: Outage[] = [
    { name: "stopped", begin: () => service().stop(), end: () => service().start() },
    { name: "paused", begin: () => service().pause(), end: () => service().resume() },
  ];
  adapterContract(
    { describe, it },
    {
      name,
      capabilities: {
        sharedAcrossNodes: true,
        survivesRestart: true,
        browserHolds: "reference",
        needsKeepAlive: true,
        maxBytes: MAX_RECORD_BYTES,
      },
      create: () =>
        createRedisAdapter({
          timeoutMs: TIMEOUT_MS,
          maxRecordBytes: MAX_RECORD_BYTES,
          ...options(),
        }),
      service: { answersWithinMs: TIMEOUT_MS, outages },
    },
  );
}

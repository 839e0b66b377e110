import { adapterContract, type Outage } from "@live-stash/contract";
import type { NatsNode } from "@live-stash/test-servers";
import { describe, it, vi } from "vitest";
import { createNatsAdapter, type NatsAdapterOptions } from "../src/index.ts";

const TIMEOUT_MS = 800;
const MAX_RECORD_BYTES = 262_144;

// Each test of an outage waits several times for the adapter's timeout.
vi.setConfig({ testTimeout: 60_000 });

type Service = Pick<NatsNode, "stop" | "start" | "pause" | "resume">;

/** Defines the contract's tests, with a service and the options that lead to it. */
export function natsContract(
  name: string,
  service: () => Service,
  options: () => NatsAdapterOptions,
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
      create: () => createNatsAdapter({ timeoutMs: TIMEOUT_MS, ...options() }),
      service: { answersWithinMs: TIMEOUT_MS, outages },
    },
  );
}

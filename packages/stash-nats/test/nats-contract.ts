import { adapterContract, createManualClock, type Outage } from "@live-stash/contract";
import type { NatsNode } from "@live-stash/test-servers";
import { describe, it } from "vitest";
import { createNatsAdapter, type NatsAdapterOptions } from "../src/index.ts";

const MAX_RECORD_BYTES = 262_144;

type Service = Pick<NatsNode, "stop" | "start" | "pause" | "resume">;

interface Setting {
  readonly timeoutMs?: number;
  /** Connects before the first call, because three servers on a busy machine need seconds for it. */
  readonly isConnected?: boolean;
  /** Uses a manual clock for deadlines, so that they do not depend on the machine's speed. */
  readonly hasManualClock?: boolean;
  /** The reason to skip the outages. */
  readonly skipsOutages?: string | undefined;
}

/** Defines the contract's tests for an adapter with these options, and the service that it uses. */
export function natsContract(
  name: string,
  service: () => Service,
  options: () => NatsAdapterOptions,
  { timeoutMs = 800, isConnected = false, hasManualClock = false, skipsOutages }: Setting = {},
): void {
  const describeGroup = (title: string, define: () => void): void => {
    const isSkipped = skipsOutages !== undefined && title.startsWith("while the service is ");
    const group = isSkipped ? describe.skip : describe;
    group(isSkipped ? `${title} (skipped: ${skipsOutages})` : title, define);
  };
  const clock = hasManualClock ? { clock: createManualClock() } : {};
  const outages: Outage[] = [
    { name: "stopped", begin: () => service().stop(), end: () => service().start() },
    { name: "paused", begin: () => service().pause(), end: () => service().resume() },
  ];
  adapterContract(
    { describe: describeGroup, it },
    {
      name,
      capabilities: {
        sharedAcrossNodes: true,
        survivesRestart: true,
        browserHolds: "reference",
        needsKeepAlive: true,
        maxBytes: MAX_RECORD_BYTES,
      },
      async create() {
        const adapter = createNatsAdapter({ timeoutMs, ...clock, ...options() });
        if (isConnected) await adapter.connect();
        return adapter;
      },
      ...clock,
      service: { answersWithinMs: timeoutMs, outages },
    },
  );
}

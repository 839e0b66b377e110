import { adapterContract, createManualClock } from "@live-stash/contract";
import { type NatsNode, startNats } from "@live-stash/test-servers";
import { createMemoryAdapter } from "live-stash";
import { afterAll, beforeAll, describe, it } from "vitest";
import { peersOverNats } from "./peers-over-nats.ts";

let server: NatsNode;
beforeAll(async () => {
  server = await startNats();
});
afterAll(() => server.close());

const clock = createManualClock();

adapterContract(
  { describe, it },
  {
    name: "the memory adapter with peers over NATS",
    capabilities: {
      sharedAcrossNodes: true,
      survivesRestart: false,
      browserHolds: "reference",
      needsKeepAlive: false,
      maxBytes: 500_000,
    },
    keepsStashesWithOwners: true,
    clock,
    async create() {
      const secret = "a secret of the tests, not of an application";
      const peers = peersOverNats({ servers: server.url, secret });
      // The servers accept messages of at most 1 MiB.
      const memory = createMemoryAdapter({ clock, peers, maxRecordBytes: 500_000 });
      await memory.ready();
      return memory;
    },
  },
);

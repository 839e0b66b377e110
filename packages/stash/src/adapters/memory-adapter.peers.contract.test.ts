import { randomUUID } from "node:crypto";
import { describe, it } from "vitest";
import { adapterContract, createManualClock } from "@live-stash/contract";
import { freePort } from "@live-stash/test-servers";
import { SECRET } from "../../test/fake-page.ts";
import { createMemoryAdapter } from "../index.ts";
import { peersOnThisMachine, peersOverHttp } from "../entries/peers.ts";

const CAPABILITIES = {
  sharedAcrossNodes: true,
  survivesRestart: false,
  browserHolds: "reference",
  needsKeepAlive: false,
  maxBytes: 4_194_304,
} as const;

/** The most adapters that one test of the contract opens. */
const MAX_NODES = 4;

const free = await Promise.all(Array.from({ length: MAX_NODES }, () => freePort()));
const nodes = free.map((port) => `http://127.0.0.1:${port}`);
const clock = createManualClock();
const APPLICATION = randomUUID();

adapterContract(
  { describe, it },
  {
    name: "the memory adapter with peers over HTTP",
    capabilities: CAPABILITIES,
    keepsStashesWithOwners: true,
    clock,
    async create() {
      const port = free.shift() ?? 0;
      const listen = { port, host: "127.0.0.1" };
      const peers = peersOverHttp({ nodes, listen, secret: SECRET });
      const memory = createMemoryAdapter({ clock, peers });
      await memory.ready();
      let isOpen = true;
      const close = async (): Promise<void> => {
        await memory.close();
        if (isOpen) free.push(port);
        isOpen = false;
      };
      return { ...memory, close };
    },
  },
);

adapterContract(
  { describe, it },
  {
    name: "the memory adapter with peers on this machine",
    capabilities: CAPABILITIES,
    keepsStashesWithOwners: true,
    clock,
    async create() {
      const peers = peersOnThisMachine({ name: APPLICATION, secret: SECRET });
      const memory = createMemoryAdapter({ clock, peers });
      await memory.ready();
      return memory;
    },
  },
);

import { randomUUID } from "node:crypto";
import { createServer } from "node:net";
import { describe, it } from "vitest";
import { adapterContract, createManualClock } from "@live-stash/contract";
import { SECRET } from "../test/fake-page.ts";
import { createMemoryAdapter } from "./index.ts";
import { peersOnThisMachine, peersOverHttp } from "./peers.ts";

const CAPABILITIES = {
  sharedAcrossNodes: true,
  survivesRestart: false,
  browserHolds: "reference",
  needsKeepAlive: false,
  maxBytes: 4_194_304,
} as const;

/** No test opens more adapters than that. */
const MAX_NODES = 4;

async function freePorts(): Promise<number[]> {
  const servers = Array.from({ length: MAX_NODES }, () => createServer().listen(0, "127.0.0.1"));
  const ports = servers.map(async (server) => {
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  });
  const found = await Promise.all(ports);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return found;
}

const free = await freePorts();
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

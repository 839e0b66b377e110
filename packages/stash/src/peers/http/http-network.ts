import { setMaxListeners } from "node:events";
import { createServer, type Server } from "node:http";
import { rm } from "node:fs/promises";
import { connect, type ListenOptions } from "node:net";
import type { Secrets } from "../../crypto/secrets.ts";
import type { NodeName, PeerHandler, PeerNetwork } from "../peer-network.ts";
import { within } from "../bounded.ts";
import type { PeerDirectory } from "./peer-address.ts";
import { PeerHellos } from "./hellos.ts";
import { PeerLinks } from "./links.ts";
import { PEER_PROTOCOL } from "./peer-protocol.ts";
import { type PeerUpgradeHandler, PeerUpgrades, refuseUpgrade } from "./upgrade.ts";

export interface HttpNetworkOptions {
  readonly secrets: Secrets;
  /** Once the node's name is known. */
  readonly directory: (self: NodeName) => PeerDirectory;
  /** Where to listen, prepared for it; `undefined` if another server passes on its upgrades. */
  readonly listen: ((self: NodeName) => Promise<ListenOptions>) | undefined;
}

export interface HttpNetwork extends PeerNetwork {
  readonly handleUpgrade: PeerUpgradeHandler;
  /** Where its own server listens, once it does. */
  readonly port: number | undefined;
}

/** The longest that it takes to be acquainted, in ms. */
const ACQUAINTANCE_MS = 1_000;

const NOT_OPEN = { status: "silent", silentMs: 0 } as const;

/** A hello is short, and comes at once. */
const SERVER_LIMITS = {
  maxHeaderSize: 4_096,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 5_000,
};

/** Nodes that reach each other by connections that begin as requests of HTTP. */
export function createHttpNetwork({ secrets, directory, listen }: HttpNetworkOptions): HttpNetwork {
  const hellos = new PeerHellos(secrets);
  const closing = new AbortController();
  // As many as there are nodes listen to it.
  setMaxListeners(0, closing.signal);
  let links: PeerLinks | undefined;
  let upgrades: PeerUpgrades | undefined;
  let server: Server | undefined;

  const handleUpgrade: PeerUpgradeHandler = (request, socket, head) => {
    if (upgrades === undefined || closing.signal.aborted) refuseUpgrade(socket, 503);
    else upgrades.accept(request, socket, head);
  };

  return {
    handleUpgrade,
    get port() {
      const address = server?.address();
      return typeof address === "object" ? address?.port : undefined;
    },
    async open(name: NodeName, answer: PeerHandler) {
      const { signal } = closing;
      const opened = new PeerLinks({
        hellos,
        self: name,
        directory: directory(name),
        closing: signal,
      });
      links = opened;
      const heardOf = (asker: NodeName): void => opened.heardOf(asker);
      upgrades = new PeerUpgrades({ name, hellos, answer, heardOf });
      // Acquainted beforehand: the first page that comes back does not wait for it.
      const greeting = within(ACQUAINTANCE_MS, signal, (limit) => opened.greetAll(limit));
      if (listen !== undefined) {
        const options = await listen(name);
        server = createServer(SERVER_LIMITS, (_, response) => {
          const headers = { "content-length": 0, connection: "close", upgrade: PEER_PROTOCOL };
          response.writeHead(426, headers).end();
        });
        server.on("upgrade", handleUpgrade);
        if (!signal.aborted) await listeningAnew(server, options);
        if (signal.aborted) await closed(server);
      }
      await greeting;
    },
    async nodes(signal) {
      const found = await links?.greetAll(signal);
      return found?.map(({ node }) => node) ?? [];
    },
    async ask(node, request, signal) {
      return links?.ask(node, request, signal) ?? NOT_OPEN;
    },
    async askOthers(request, except, signal) {
      return links?.askOthers(request, except, signal) ?? NOT_OPEN;
    },
    async close() {
      closing.abort();
      upgrades?.closeAll();
      await closed(server);
    },
  };
}

/** Listens, also on a socket whose process was killed: what it has left in the folder is nobody's. */
async function listeningAnew(server: Server, options: ListenOptions): Promise<void> {
  try {
    await listening(server, options);
  } catch (error) {
    const { path } = options;
    if (path === undefined || !(await isLeftBehind(path))) throw error;
    await rm(path);
    await listening(server, options);
  }
}

function isLeftBehind(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once("connect", () => {
      socket.destroy();
      resolve(false);
    });
    socket.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code === "ECONNREFUSED"));
  });
}

function listening(server: Server, options: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(options, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function closed(server: Server | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (server === undefined || !server.listening) return resolve();
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

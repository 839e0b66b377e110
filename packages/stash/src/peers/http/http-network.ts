import { setMaxListeners } from "node:events";
import { rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { connect, type ListenOptions } from "node:net";
import type { Secrets } from "../../crypto/secrets.ts";
import { within } from "../bounded.ts";
import type { NodeName, PeerHandler, PeerNetwork } from "../peer-network.ts";
import type { PeerDirectory } from "./directory.ts";
import { PeerLinks } from "./links.ts";
import { SecureChannels } from "./secure-channel.ts";
import { PEER_PROTOCOL, type PeerUpgradeHandler, PeerUpgrades, refuseUpgrade } from "./upgrade.ts";

export interface HttpNetworkOptions {
  readonly secrets: Secrets;
  /** Called once, with this node's name. */
  readonly directory: (self: NodeName) => PeerDirectory;
  /** Prepares the place to listen at; `undefined` if another server passes its upgrades on. */
  readonly listen: ((self: NodeName) => Promise<ListenOptions>) | undefined;
}

export interface HttpNetwork extends PeerNetwork {
  readonly handleUpgrade: PeerUpgradeHandler;
  /** The port of the network's own server, once it listens. */
  readonly port: number | undefined;
}

/** The longest that `open` waits for connections to the other nodes, in ms: one of them may be frozen. */
const CONNECT_TIMEOUT_MS = 1_000;

const NOT_OPEN = { status: "silent", silentMs: 0 } as const;

/** Peers send one short request, at once. */
const SERVER_LIMITS = {
  maxHeaderSize: 4_096,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 5_000,
};

/** Connects nodes by connections that begin as HTTP requests. */
export function createHttpNetwork({ secrets, directory, listen }: HttpNetworkOptions): HttpNetwork {
  const channels = new SecureChannels(secrets);
  const closing = new AbortController();
  // Each link listens to it, and there may be any number of nodes.
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
        channels,
        self: name,
        directory: directory(name),
        closing: signal,
      });
      links = opened;
      const onMessage = (asker: NodeName): void => opened.noteMessageFrom(asker);
      upgrades = new PeerUpgrades({ name, channels, answer, onMessage });
      // Connected beforehand, so that the first page that reconnects does not wait for it.
      const connected = within(CONNECT_TIMEOUT_MS, signal, (limit) => opened.reachable(limit));
      if (listen !== undefined) {
        const options = await listen(name);
        server = createServer(SERVER_LIMITS, (_, response) => {
          const headers = { "content-length": 0, connection: "close", upgrade: PEER_PROTOCOL };
          response.writeHead(426, headers).end();
        });
        server.on("upgrade", handleUpgrade);
        if (!signal.aborted) await listenOn(server, options);
        if (signal.aborted) await closed(server);
      }
      await connected;
    },
    async nodes(signal) {
      const found = await links?.reachable(signal);
      return found ?? [];
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

/** Listens, and replaces the Unix domain socket of a process that was killed. */
async function listenOn(server: Server, options: ListenOptions): Promise<void> {
  try {
    await listening(server, options);
  } catch (error) {
    const { path } = options;
    if (path === undefined || !(await isAbandoned(path))) throw error;
    await rm(path);
    await listening(server, options);
  }
}

function isAbandoned(path: string): Promise<boolean> {
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

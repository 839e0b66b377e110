import { Agent, createServer, type Server } from "node:http";
import type { ListenOptions } from "node:net";
import type { Secrets } from "../../../secrets.ts";
import { firstAnswer } from "../first-answer.ts";
import type { NodeName, PeerHandler, PeerNetwork } from "../peer-network.ts";
import type { PeerDirectory } from "./peer-address.ts";
import { PeerEnvelope } from "./peer-envelope.ts";
import { createPeerHttpHandler, type PeerHttpHandler } from "./peer-http-handler.ts";
import { PeerLinks } from "./peer-links.ts";

/** A peer that is on its way to give up its place is not waited for: connections are kept so long, in ms. */
const KEEP_ALIVE_MS = 60_000;
/**
 * Requests to one node at a time; the others wait for their turn. Not more, as a node accepts one
 * connection in each turn of its event loop.
 */
const MAX_SOCKETS = 32;

export interface HttpNetworkOptions {
  readonly secrets: Secrets;
  /** Once the node's name is known. */
  readonly directory: (self: NodeName) => PeerDirectory;
  /** Where to listen, prepared for it; `undefined` if another server calls the handler. */
  readonly listen: ((self: NodeName) => Promise<ListenOptions>) | undefined;
}

export interface HttpNetwork extends PeerNetwork {
  readonly handler: PeerHttpHandler;
  /** Where its own server listens, once it does. */
  readonly port: number | undefined;
}

/** Nodes that reach each other over HTTP. */
export function createHttpNetwork({ secrets, directory, listen }: HttpNetworkOptions): HttpNetwork {
  const envelope = new PeerEnvelope(secrets);
  const agent = new Agent({
    keepAlive: true,
    maxSockets: MAX_SOCKETS,
    maxFreeSockets: MAX_SOCKETS,
    // Shorter than the peer keeps it, so that it is seldom the peer who closes.
    timeout: KEEP_ALIVE_MS / 2,
  });
  const closing = new AbortController();
  let links: PeerLinks | undefined;
  let serve: PeerHttpHandler | undefined;
  let server: Server | undefined;

  const handler: PeerHttpHandler = (request, response) => {
    if (serve !== undefined && !closing.signal.aborted) return serve(request, response);
    response.writeHead(503, { "content-length": 0, connection: "close" }).end();
  };

  return {
    handler,
    get port() {
      const address = server?.address();
      return typeof address === "object" ? address?.port : undefined;
    },
    async open(name: NodeName, answer: PeerHandler) {
      const opened = new PeerLinks({ agent, envelope, self: name, directory: directory(name) });
      links = opened;
      serve = createPeerHttpHandler({
        name,
        envelope,
        answer,
        heardOf: (asker) => opened.heardOf(asker),
      });
      // Acquainted beforehand: the first page that comes back does not wait for it.
      const greeting = opened.greetAll(closing.signal);
      if (listen === undefined) return;
      server = createServer(
        { keepAliveTimeout: KEEP_ALIVE_MS, maxHeaderSize: 4_096, requestTimeout: 10_000 },
        handler,
      );
      await listening(server, await listen(name));
      await greeting;
    },
    async nodes(signal) {
      const found = await links?.greetAll(signal);
      return found?.map(({ node }) => node) ?? [];
    },
    async ask(node, request, signal) {
      const link = await links?.linkTo(node, signal);
      return link?.ask(request, signal, node);
    },
    async askOthers(request, except, signal) {
      const asked = await links?.others(except);
      return firstAnswer(asked?.map((link) => link.ask(request, signal)) ?? []);
    },
    async close() {
      closing.abort();
      agent.destroy();
      await closed(server);
    },
  };
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

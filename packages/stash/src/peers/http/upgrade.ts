import { type IncomingMessage, request as httpRequest } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { nodeNameOf } from "../messages.ts";
import type { NodeName, PeerHandler } from "../peer-network.ts";
import { answerRequests } from "./connection.ts";
import type { PeerAddress } from "./directory.ts";
import { KEY_IDENTITY_BYTES, readFirst, type SecureChannels } from "./secure-channel.ts";

// How a connection begins. The asking node sends an HTTP request that upgrades to `PEER_PROTOCOL`; after the
// status 101 both sides speak TLS, see `secure-channel.ts`. Inside of it each names itself: the asking node
// sends its name (8 bytes), the other its name and the identity of its newest key. Frames follow, see
// `connection.ts`.

export const PEER_PROTOCOL = "live-stash-peers";

const NAME_BYTES = 8;

/**
 * `refused`: no process listens there. `stranger`: one does that is no peer. `failed`: the connection
 * broke, or a proxy could not reach the node.
 */
export type ConnectOutcome =
  | { readonly kind: "connected"; readonly channel: TLSSocket; readonly node: NodeName }
  | { readonly kind: "refused" | "stranger" | "failed" | "aborted" };

/** Connects to the peer at an address, and learns its name. Never rejects. */
export function connectToPeer(
  { target }: PeerAddress,
  channels: SecureChannels,
  self: NodeName,
  signal: AbortSignal,
): Promise<ConnectOutcome> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve({ kind: "aborted" });
    const headers = { connection: "Upgrade", upgrade: PEER_PROTOCOL };
    const request = httpRequest({ ...target, agent: false, headers });
    let opened: { destroy(): unknown } = request;
    const settle = (outcome: ConnectOutcome): void => {
      signal.removeEventListener("abort", abort);
      if (outcome.kind !== "connected") opened.destroy();
      resolve(outcome);
    };
    const abort = (): void => settle({ kind: "aborted" });
    signal.addEventListener("abort", abort);
    request.on("error", ({ code }: NodeJS.ErrnoException) => {
      const isRefused = code === "ECONNREFUSED" || code === "ENOENT";
      settle({ kind: isRefused ? "refused" : "failed" });
    });
    request.once("response", ({ statusCode }) => {
      settle({ kind: statusCode === 502 || statusCode === 504 ? "failed" : "stranger" });
    });
    request.once("upgrade", (response, socket: Socket, head) => {
      opened = socket;
      if (response.headers.upgrade !== PEER_PROTOCOL) return settle({ kind: "stranger" });
      const channel = channels.connect(socket, head);
      opened = channel;
      channel.once("error", (error: Error) =>
        settle({ kind: isBroken(error) ? "failed" : "stranger" }),
      );
      channel.once("close", () => settle({ kind: "failed" }));
      channel.once("secureConnect", () => channel.write(nodeNameOf(self)));
      void readFirst(channel, NAME_BYTES + KEY_IDENTITY_BYTES).then((greeting) => {
        if (greeting === undefined) return settle({ kind: "failed" });
        // Otherwise that node could not connect to this one, and would take it for gone.
        if (!channels.accepts(greeting.toString("latin1", NAME_BYTES))) {
          return settle({ kind: "stranger" });
        }
        const node = greeting.toString("base64url", 0, NAME_BYTES);
        // The process may exit: a request that waits has a timer.
        channel.unref();
        settle({ kind: "connected", channel, node });
      });
    });
    request.end();
  });
}

/** Returns whether the network failed, rather than the handshake: only then may a peer be there. */
const isBroken = ({ code, errno }: NodeJS.ErrnoException): boolean =>
  errno !== undefined || code === "ECONNRESET";

/** Accepts the connections of peers from the event `upgrade` of any `node:http` server, at any path. */
export type PeerUpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Until then a connection counts as unauthenticated, in ms. Peers that do not freeze need 1 s at most. */
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** OpenSSL may hold 180 KB for each (measured): 23 MB at most for strangers. */
const MAX_HANDSHAKES = 128;
/** One for each other node, and room for those of nodes that went without closing theirs. */
const MAX_PEERS = 1_024;

export interface PeerUpgradesOptions {
  readonly name: NodeName;
  readonly channels: SecureChannels;
  readonly answer: PeerHandler;
  /** Called with the sender of each message. */
  readonly onMessage: (asker: NodeName) => void;
}

/**
 * The connections on which peers ask this node. Those of strangers have a limit of their own: however
 * many connect, they close none of a peer.
 */
export class PeerUpgrades {
  readonly #options: PeerUpgradesOptions;
  readonly #greeting: Buffer;
  readonly #handshakes = new Set<TLSSocket>();
  readonly #peers = new Set<TLSSocket>();

  constructor(options: PeerUpgradesOptions) {
    this.#options = options;
    const { name, channels } = options;
    this.#greeting = Buffer.concat([nodeNameOf(name), Buffer.from(channels.newest, "latin1")]);
  }

  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (request.method !== "GET" || request.headers.upgrade?.toLowerCase() !== PEER_PROTOCOL) {
      return refuseUpgrade(socket, 426);
    }
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: ${PEER_PROTOCOL}\r\n\r\n`,
    );
    const channel = this.#options.channels.accept(socket, head);
    // The process may exit once its server has closed.
    channel.unref();
    addWithin(MAX_HANDSHAKES, this.#handshakes, channel);
    const timeout = setTimeout(() => channel.destroy(), HANDSHAKE_TIMEOUT_MS).unref();
    channel.once("close", () => {
      clearTimeout(timeout);
      this.#handshakes.delete(channel);
      this.#peers.delete(channel);
    });
    channel.once("secure", () => channel.write(this.#greeting));
    void readFirst(channel, NAME_BYTES).then((name) => {
      if (name === undefined || channel.destroyed) return;
      clearTimeout(timeout);
      this.#serve(channel, name.toString("base64url"));
    });
  }

  closeAll(): void {
    for (const channel of [...this.#handshakes, ...this.#peers]) channel.destroy();
  }

  #serve(channel: TLSSocket, asker: NodeName): void {
    const { answer, onMessage } = this.#options;
    this.#handshakes.delete(channel);
    addWithin(MAX_PEERS, this.#peers, channel);
    onMessage(asker);
    answerRequests(channel, answer, () => onMessage(asker));
  }
}

/** Adds a channel, and closes the oldest ones beyond the limit: a peer connects again when it asks. */
function addWithin(limit: number, channels: Set<TLSSocket>, added: TLSSocket): void {
  channels.add(added);
  for (const oldest of channels) {
    if (channels.size <= limit) return;
    channels.delete(oldest);
    oldest.destroy();
  }
}

const REASONS = { 426: "Upgrade Required", 503: "Service Unavailable" };

/** Ends a connection with a status and no body. */
export function refuseUpgrade(socket: Duplex, status: keyof typeof REASONS): void {
  socket.on("error", () => {});
  socket.once("finish", () => socket.destroy());
  const upgrade = status === 426 ? `upgrade: ${PEER_PROTOCOL}\r\n` : "";
  socket.end(
    `HTTP/1.1 ${status} ${REASONS[status]}\r\nconnection: close\r\n${upgrade}content-length: 0\r\n\r\n`,
  );
}

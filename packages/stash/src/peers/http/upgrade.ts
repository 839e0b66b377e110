import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { NodeName, PeerHandler } from "../peer-network.ts";
import { AnsweringConnection } from "./answering-connection.ts";
import type { PeerHellos } from "./hellos.ts";
import { HELLO_HEADER, PEER_PROTOCOL } from "./peer-protocol.ts";
import { newSessionKey } from "./session-key.ts";

/** Takes connections of peers from the event `upgrade` of any `node:http` server, whatever their path. */
export type PeerUpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** So many connections are kept; one more closes another, whose peer connects again when it asks. */
const MAX_CONNECTIONS = 1_024;

export interface PeerUpgradesOptions {
  readonly name: NodeName;
  readonly hellos: PeerHellos;
  readonly answer: PeerHandler;
  /** Told of the sender of each authentic message. */
  readonly heardOf: (asker: NodeName) => void;
}

/** The connections on which peers ask this node. Strangers get a status without a word. */
export class PeerUpgrades {
  readonly #options: PeerUpgradesOptions;
  /** Who has not shown yet that it could read the answer to its hello, the oldest first. */
  readonly #strangers = new Set<AnsweringConnection>();
  readonly #peers = new Set<AnsweringConnection>();

  constructor(options: PeerUpgradesOptions) {
    this.#options = options;
  }

  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { name, hellos, answer, heardOf } = this.#options;
    if (request.method !== "GET" || request.headers.upgrade?.toLowerCase() !== PEER_PROTOCOL) {
      return refuseUpgrade(socket, 426);
    }
    const given = request.headers[HELLO_HEADER];
    const hello = Buffer.from(typeof given === "string" ? given : "", "base64url");
    const asker = hellos.openHello(hello);
    if (asker === undefined) return refuseUpgrade(socket, 401);
    const key = newSessionKey();
    const answered = hellos.answer(hello, { node: name, key }).toString("base64url");
    socket.write(
      "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\n" +
        `upgrade: ${PEER_PROTOCOL}\r\n${HELLO_HEADER}: ${answered}\r\n\r\n`,
    );
    this.#makeRoom();
    const connection = new AnsweringConnection(socket, head, {
      key,
      answer,
      onHeard: (heard) => {
        if (this.#strangers.delete(heard)) this.#peers.add(heard);
        heardOf(asker);
      },
      onClose: (closed) => this.#forget(closed),
    });
    this.#strangers.add(connection);
  }

  closeAll(): void {
    for (const connection of [...this.#strangers, ...this.#peers]) connection.close();
  }

  #forget(connection: AnsweringConnection): void {
    this.#strangers.delete(connection);
    this.#peers.delete(connection);
  }

  #makeRoom(): void {
    if (this.#strangers.size + this.#peers.size < MAX_CONNECTIONS) return;
    const [oldest] = this.#strangers.size > 0 ? this.#strangers : this.#peers;
    if (oldest === undefined) return;
    this.#forget(oldest);
    oldest.close();
  }
}

const REASONS = { 401: "Unauthorized", 426: "Upgrade Required", 503: "Service Unavailable" };

/** Ends a connection with a status and no more. */
export function refuseUpgrade(socket: Duplex, status: keyof typeof REASONS): void {
  socket.on("error", () => {});
  socket.once("finish", () => socket.destroy());
  const upgrade = status === 426 ? `upgrade: ${PEER_PROTOCOL}\r\n` : "";
  socket.end(
    `HTTP/1.1 ${status} ${REASONS[status]}\r\nconnection: close\r\n${upgrade}content-length: 0\r\n\r\n`,
  );
}

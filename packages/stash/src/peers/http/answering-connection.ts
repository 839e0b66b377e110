import type { Duplex } from "node:stream";
import { uint32Of } from "../messages.ts";
import { MAX_PEER_MESSAGE_BYTES, type PeerHandler } from "../peer-network.ts";
import { frameOf, FrameReader } from "./frames.ts";
import { MAX_FRAME_BYTES, NOTHING, PROOF_BYTES } from "./peer-protocol.ts";
import { prepareSocket } from "./prepare-socket.ts";
import {
  MAX_MESSAGE_NUMBER,
  openInSession,
  sealInSession,
  type SessionKey,
} from "./session-key.ts";

/** So long a stranger has to show that it could read the answer to its hello, in ms. */
const PROOF_TIMEOUT_MS = 10_000;
/** So many requests are answered at once; the next ones are left in the socket. */
const MAX_UNDER_WAY = 256;

export interface AnsweringConnectionOptions {
  readonly key: SessionKey;
  readonly answer: PeerHandler;
  /** An authentic message came. */
  readonly onHeard: (connection: AnsweringConnection) => void;
  readonly onClose: (connection: AnsweringConnection) => void;
}

/** A connection on which a peer asks and this node answers. It ends with the first wrong message. */
export class AnsweringConnection {
  readonly #socket: Duplex;
  readonly #options: AnsweringConnectionOptions;
  // A stranger's messages are not collected.
  readonly #frames = new FrameReader(PROOF_BYTES);
  readonly #proving = setTimeout(() => this.close(), PROOF_TIMEOUT_MS).unref();
  #received = 0;
  #underWay = 0;

  /** `head`: what came already. */
  constructor(socket: Duplex, head: Buffer, options: AnsweringConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    prepareSocket(socket, head);
    socket.once("close", () => {
      clearTimeout(this.#proving);
      options.onClose(this);
    });
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    if (!this.#frames.read(chunk, (body) => this.#receive(body))) this.close();
  }

  #receive(sealed: Buffer): boolean {
    this.#received += 1;
    const number = this.#received;
    if (number > MAX_MESSAGE_NUMBER) return false;
    const request = openInSession(this.#options.key, "request", number, sealed);
    if (request === undefined) return false;
    clearTimeout(this.#proving);
    this.#frames.maxBytes = MAX_FRAME_BYTES;
    this.#options.onHeard(this);
    if (request.length === 0) this.#send(number, undefined);
    else this.#answer(number, request).catch(() => this.close());
    return true;
  }

  async #answer(number: number, request: Buffer): Promise<void> {
    this.#underWay += 1;
    if (this.#underWay === MAX_UNDER_WAY) this.#socket.pause();
    const answer = await this.#options.answer(request);
    this.#send(number, answer, () => {
      this.#underWay -= 1;
      if (this.#underWay === MAX_UNDER_WAY - 1) this.#socket.resume();
    });
  }

  #send(number: number, answer: Uint8Array | undefined, whenSent?: () => void): void {
    if (this.#socket.destroyed) return;
    const isSaid = answer !== undefined && answer.length <= MAX_PEER_MESSAGE_BYTES;
    const sealed = sealInSession(this.#options.key, "answer", number, isSaid ? answer : NOTHING);
    this.#socket.write(frameOf(uint32Of(number), ...sealed), whenSent);
  }
}

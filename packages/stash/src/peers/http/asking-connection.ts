import type { Socket } from "node:net";
import { MAX_PEER_MESSAGE_BYTES, type NodeName } from "../peer-network.ts";
import { frameOf, FrameReader } from "./frames.ts";
import type { PeerSession } from "./hellos.ts";
import { MAX_FRAME_BYTES, NOTHING, NUMBER_BYTES } from "./peer-protocol.ts";
import { prepareSocket } from "./prepare-socket.ts";
import {
  MAX_MESSAGE_NUMBER,
  openInSession,
  sealInSession,
  type SessionKey,
} from "./session-key.ts";

/** What came of a request; `lost`: the connection ended before there was an answer. */
export type AskOutcome =
  | { readonly kind: "answered"; readonly answer: Uint8Array | undefined }
  | { readonly kind: "lost" }
  | { readonly kind: "aborted" };

const SILENCE: AskOutcome = { kind: "answered", answer: undefined };
const LOST: AskOutcome = { kind: "lost" };
const ABORTED: AskOutcome = { kind: "aborted" };

/** A connection on which this node asks a peer. */
export class AskingConnection {
  /** Who answers. */
  readonly node: NodeName;
  readonly #key: SessionKey;
  readonly #socket: Socket;
  readonly #onHeard: () => void;
  readonly #frames = new FrameReader(MAX_FRAME_BYTES);
  readonly #asked = new Map<number, (outcome: AskOutcome) => void>();
  #sent = 0;
  #isRetired = false;
  #heardAtMs = -Infinity;
  /** When a request was first given up, since something was heard. */
  #missedAtMs = Infinity;

  /** `head`: what came already. `onHeard` is called whenever something comes. */
  constructor(socket: Socket, head: Buffer, { node, key }: PeerSession, onHeard: () => void) {
    this.node = node;
    this.#key = key;
    this.#socket = socket;
    this.#onHeard = onHeard;
    prepareSocket(socket, head);
    socket.once("close", () => {
      for (const settle of this.#asked.values()) settle(LOST);
    });
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    this.#send(NOTHING);
  }

  /** From the end on requests are lost. */
  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  /** Asks; an empty request finds out whether there is still somebody. Never rejects. */
  ask(request: Uint8Array, signal: AbortSignal): Promise<AskOutcome> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve(ABORTED);
      if (request.length > MAX_PEER_MESSAGE_BYTES) return resolve(SILENCE);
      if (this.#sent === MAX_MESSAGE_NUMBER) this.close();
      if (!this.isOpen) return resolve(LOST);
      const number = this.#send(request);
      const abort = (): void => settle(ABORTED);
      const settle = (outcome: AskOutcome): void => {
        signal.removeEventListener("abort", abort);
        this.#asked.delete(number);
        if (this.#isRetired) this.retire();
        resolve(outcome);
      };
      this.#asked.set(number, settle);
      signal.addEventListener("abort", abort);
    });
  }

  /**
   * A request that began then was not answered in time. At first the peer may be frozen; but if one
   * that began after that is given up too, and not a byte came, the connection leads nowhere and ends.
   */
  missed(startedMs: number): void {
    if (this.#heardAtMs >= startedMs) return;
    if (startedMs > this.#missedAtMs) this.close();
    this.#missedAtMs = Math.min(this.#missedAtMs, performance.now());
  }

  /** Ends once all that was asked is answered. */
  retire(): void {
    this.#isRetired = true;
    if (this.#asked.size === 0) this.close();
  }

  close(): void {
    this.#socket.destroy();
  }

  #send(request: Uint8Array): number {
    this.#sent += 1;
    this.#socket.write(frameOf(...sealInSession(this.#key, "request", this.#sent, request)));
    return this.#sent;
  }

  #read(chunk: Buffer): void {
    this.#heardAtMs = performance.now();
    this.#missedAtMs = Infinity;
    this.#onHeard();
    if (!this.#frames.read(chunk, (body) => this.#receive(body))) this.close();
  }

  /** Nobody may wait for it any more. */
  #receive(body: Buffer): boolean {
    if (body.length < NUMBER_BYTES) return false;
    const number = body.readUInt32BE();
    const answer = openInSession(this.#key, "answer", number, body.subarray(NUMBER_BYTES));
    if (answer === undefined) return false;
    this.#asked.get(number)?.(answer.length === 0 ? SILENCE : { kind: "answered", answer });
    return true;
  }
}

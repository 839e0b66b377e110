import type { Duplex } from "node:stream";
import { uint32Of } from "../messages.ts";
import { MAX_PEER_MESSAGE_BYTES, type NodeName, type PeerHandler } from "../peer-network.ts";

// What goes over a connection: frames of a length (4 bytes, big endian) and a body. The asking node sends
// requests, which both sides number from 1 on by their order. The other node sends answers, each behind the
// number of its request (4 bytes), in any order. An empty answer stands for none, and an empty request
// asks only for a sign of life.

const LENGTH_BYTES = 4;
const NUMBER_BYTES = 4;
const MAX_NUMBER = 0xffff_ffff;
/** Requests that one connection may have under way; further ones wait in the socket. */
const MAX_CONCURRENT = 256;

export const NOTHING = Buffer.alloc(0);

/** `lost`: the connection ended before the answer came. */
export type AskOutcome =
  | { readonly kind: "answered"; readonly answer: Uint8Array | undefined }
  | { readonly kind: "lost" }
  | { readonly kind: "aborted" };

const NO_ANSWER: AskOutcome = { kind: "answered", answer: undefined };
const LOST: AskOutcome = { kind: "lost" };
const ABORTED: AskOutcome = { kind: "aborted" };

/** A connection on which this node asks a peer. */
export class AskingConnection {
  readonly node: NodeName;
  readonly #channel: Duplex;
  readonly #pending = new Map<number, (outcome: AskOutcome) => void>();
  #sent = 0;
  #isRetired = false;
  #receivedAtMs = -Infinity;
  /** The first time at which a request was given up since anything was received. */
  #missedAtMs = Infinity;

  /** `onData` is called whenever anything is received. */
  constructor(channel: Duplex, node: NodeName, onData: () => void) {
    this.node = node;
    this.#channel = channel;
    const frames = new FrameReader(NUMBER_BYTES + MAX_PEER_MESSAGE_BYTES);
    channel.once("close", () => {
      for (const settle of this.#pending.values()) settle(LOST);
    });
    channel.on("data", (chunk: Buffer) => {
      this.#receivedAtMs = performance.now();
      this.#missedAtMs = Infinity;
      onData();
      if (!frames.read(chunk, (body) => this.#receive(body))) this.close();
    });
    channel.resume();
  }

  get isOpen(): boolean {
    return !this.#channel.destroyed;
  }

  /** Sends a request and resolves with its outcome. Never rejects. */
  ask(request: Uint8Array, signal: AbortSignal): Promise<AskOutcome> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve(ABORTED);
      if (request.length > MAX_PEER_MESSAGE_BYTES) return resolve(NO_ANSWER);
      if (this.#sent === MAX_NUMBER) this.close();
      if (!this.isOpen) return resolve(LOST);
      this.#sent += 1;
      const number = this.#sent;
      const abort = (): void => settle(ABORTED);
      const settle = (outcome: AskOutcome): void => {
        signal.removeEventListener("abort", abort);
        this.#pending.delete(number);
        if (this.#isRetired) this.retire();
        resolve(outcome);
      };
      this.#pending.set(number, settle);
      signal.addEventListener("abort", abort);
      this.#channel.write(frameOf(request));
    });
  }

  /**
   * Records that a request from `startedMs` was not answered in time. The peer may only be frozen, so the
   * connection stays. It closes if a request that began after that is given up as well, and not a byte
   * was received in between: then the connection leads nowhere.
   */
  missed(startedMs: number): void {
    if (this.#receivedAtMs >= startedMs) return;
    if (startedMs > this.#missedAtMs) this.close();
    this.#missedAtMs = Math.min(this.#missedAtMs, performance.now());
  }

  /** Closes the connection once every pending request is answered. */
  retire(): void {
    this.#isRetired = true;
    if (this.#pending.size === 0) this.close();
  }

  close(): void {
    this.#channel.destroy();
  }

  #receive(body: Buffer): boolean {
    if (body.length < NUMBER_BYTES) return false;
    const answer = body.subarray(NUMBER_BYTES);
    const settle = this.#pending.get(body.readUInt32BE());
    settle?.(answer.length === 0 ? NO_ANSWER : { kind: "answered", answer });
    return true;
  }
}

/** Answers the requests of a peer until the channel closes; a malformed one closes it. */
export function answerRequests(channel: Duplex, answer: PeerHandler, onRequest: () => void): void {
  const frames = new FrameReader(MAX_PEER_MESSAGE_BYTES);
  let received = 0;
  let pending = 0;

  const send = (number: number, answered: Uint8Array | undefined, whenSent?: () => void): void => {
    if (channel.destroyed) return;
    const isTooLong = (answered?.length ?? 0) > MAX_PEER_MESSAGE_BYTES;
    channel.write(frameOf(uint32Of(number), isTooLong ? NOTHING : (answered ?? NOTHING)), whenSent);
  };
  const receive = async (number: number, request: Buffer): Promise<void> => {
    pending += 1;
    if (pending === MAX_CONCURRENT) channel.pause();
    send(number, await answer(request), () => {
      pending -= 1;
      if (pending === MAX_CONCURRENT - 1) channel.resume();
    });
  };
  channel.on("data", (chunk: Buffer) => {
    const isValid = frames.read(chunk, (request) => {
      received += 1;
      if (received > MAX_NUMBER) return false;
      onRequest();
      if (request.length === 0) send(received, undefined);
      else receive(received, request).catch(() => channel.destroy());
      return true;
    });
    if (!isValid) channel.destroy();
  });
  channel.resume();
}

/** Joins the parts of a body into one frame. */
export function frameOf(...parts: readonly Uint8Array[]): Buffer {
  let at = LENGTH_BYTES;
  for (const part of parts) at += part.length;
  const frame = Buffer.allocUnsafe(at);
  at = frame.writeUInt32BE(at - LENGTH_BYTES);
  for (const part of parts) {
    frame.set(part, at);
    at += part.length;
  }
  return frame;
}

/** Splits a stream of bytes into the bodies of its frames. */
export class FrameReader {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #held = 0;
  /** Bytes needed before the next frame can be parsed. */
  #wanted = LENGTH_BYTES;

  /** `maxBytes` is the longest body that is accepted. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Calls `receive` with each body that is now complete. Returns `false` if the next body is too long or
   * `receive` returned `false`; the reader must not be used after that.
   */
  read(chunk: Buffer, receive: (body: Buffer) => boolean): boolean {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    while (this.#held >= this.#wanted) {
      const bytes = this.#take();
      const end = LENGTH_BYTES + bytes.readUInt32BE();
      if (end > LENGTH_BYTES + this.#maxBytes) return false;
      const isWhole = bytes.length >= end;
      this.#keep(isWhole ? bytes.subarray(end) : bytes);
      this.#wanted = isWhole ? LENGTH_BYTES : end;
      if (isWhole && !receive(bytes.subarray(LENGTH_BYTES, end))) return false;
    }
    return true;
  }

  #take(): Buffer {
    const [first] = this.#chunks;
    return first !== undefined && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
  }

  #keep(rest: Buffer): void {
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#held = rest.length;
  }
}

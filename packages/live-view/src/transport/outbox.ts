import type { Duplex } from "node:stream";
import { textFrame } from "./websocket-frames.ts";

/**
 * Most bytes that are handed to the system in one piece: small enough that a slow client is seen to
 * take one after the other, large enough to cost a fast one nothing.
 */
const PIECE_BYTES = 16 * 1024;
/** What a text takes in the list beside its characters, in bytes. */
const ENTRY_BYTES = 128;

/** The socket that an outbox is of. */
export interface OutboxOwner {
  readonly stream: Duplex;
  /** Counts bytes that are held until the client reads; negative ones are let go. */
  hold(bytes: number): void;
  /** The client took something. */
  onMoved(): void;
  /** The client has taken everything. */
  onCaughtUp(): void;
}

/**
 * The frames on their way to one client. As long as the system takes what it is handed, they pass
 * through. From then on the client is behind: frames wait here as text, and are handed over piece by
 * piece, each when the one before is gone.
 */
export class Outbox {
  readonly #owner: OutboxOwner;
  /** `undefined` as long as the client is not behind. */
  #texts: string[] | undefined;
  #next = 0;
  #waitingBytes = 0;
  /** A frame that is handed over in pieces, and how far that is. */
  #large: Buffer | undefined;
  #at = 0;
  /** Bytes that the system was handed and has not taken. */
  #pieceBytes = 0;

  constructor(owner: OutboxOwner) {
    this.#owner = owner;
  }

  /** Whether the client has not read yet what it was sent. */
  get isBehind(): boolean {
    return this.#texts !== undefined;
  }

  /** Bytes that wait behind the frame that is on its way, with something for each of them. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  send(text: string): void {
    const { stream } = this.#owner;
    if (this.#texts !== undefined) return this.#wait(this.#texts, text);
    if (text.length > PIECE_BYTES) {
      this.#texts = [];
      this.#wait(this.#texts, text);
      this.#owner.onMoved();
      return this.#advance();
    }
    stream.write(textFrame(text), this.#onWritten);
    if (stream.writableLength > 0) {
      this.#texts = [];
      this.#owner.onMoved();
      this.#countPiece(stream.writableLength);
    }
  }

  /** Lets go of everything, once the socket is closed. */
  close(): void {
    if (this.#texts === undefined) return;
    this.#countPiece(0);
    if (this.#large !== undefined) this.#owner.hold(-this.#large.length);
    for (const text of this.#texts.slice(this.#next)) this.#owner.hold(-heldFor(text));
    this.#texts = [];
    this.#next = 0;
    this.#waitingBytes = 0;
    this.#large = undefined;
  }

  readonly #onWritten = (): void => {
    if (this.#texts === undefined || this.#owner.stream.destroyed) return;
    this.#owner.onMoved();
    this.#advance();
  };

  #wait(texts: string[], text: string): void {
    texts.push(text);
    this.#waitingBytes += text.length + ENTRY_BYTES;
    this.#owner.hold(heldFor(text));
  }

  #advance(): void {
    const { stream } = this.#owner;
    while (stream.writableLength === 0) {
      const piece = this.#takePiece();
      if (piece === undefined) {
        this.#countPiece(0);
        this.#texts = undefined;
        return this.#owner.onCaughtUp();
      }
      stream.write(piece, this.#onWritten);
    }
    this.#countPiece(stream.writableLength);
  }

  #countPiece(bytes: number): void {
    const change = bytes - this.#pieceBytes;
    this.#pieceBytes = bytes;
    if (change !== 0) this.#owner.hold(change);
  }

  #takePiece(): Buffer | undefined {
    if (this.#large !== undefined) return this.#takeOf(this.#large);
    const frames: Buffer[] = [];
    let bytes = 0;
    while (bytes < PIECE_BYTES) {
      const text = this.#takeText(PIECE_BYTES - bytes);
      if (text === undefined) break;
      const frame = textFrame(text);
      if (frame.length > PIECE_BYTES && frames.length === 0) {
        this.#large = frame;
        this.#at = 0;
        this.#owner.hold(frame.length);
        return this.#takeOf(frame);
      }
      frames.push(frame);
      bytes += frame.length;
    }
    return frames.length === 0 ? undefined : Buffer.concat(frames);
  }

  /** The next text, if it is short enough to join others, or has a piece for itself. */
  #takeText(room: number): string | undefined {
    const text = this.#texts?.[this.#next];
    if (text === undefined || (room < PIECE_BYTES && text.length > room)) return undefined;
    this.#next += 1;
    this.#waitingBytes -= text.length + ENTRY_BYTES;
    this.#owner.hold(-heldFor(text));
    if (this.#texts !== undefined && this.#next * 2 > this.#texts.length) {
      this.#texts = this.#texts.slice(this.#next);
      this.#next = 0;
    }
    return text;
  }

  #takeOf(large: Buffer): Buffer {
    const piece = large.subarray(this.#at, this.#at + PIECE_BYTES);
    this.#at += piece.length;
    if (this.#at === large.length) {
      this.#large = undefined;
      this.#owner.hold(-large.length);
    }
    return piece;
  }
}

/** A text takes up to two bytes a character. */
const heldFor = (text: string): number => 2 * text.length + ENTRY_BYTES;

import type { Duplex } from "node:stream";
import { textFrame } from "./websocket-frames.ts";

/**
 * Largest piece that is written at once, in bytes: small enough that a slow client shows progress,
 * large enough not to slow down a fast one.
 */
const PIECE_BYTES = 16 * 1024;
/** Memory of a list entry in addition to its text, in bytes. */
const ENTRY_BYTES = 128;

/** The socket of an outbox. */
export interface OutboxOwner {
  readonly stream: Duplex;
  /** Counts bytes that are held until the client reads them; a negative number releases bytes. */
  hold(bytes: number): void;
  /** Called when the client has read a part of what was written, and when it falls behind. */
  onProgress(): void;
  /** Called when the client has read everything. */
  onCaughtUp(): void;
}

/**
 * Queues the frames for one client. While the system's socket buffer has room, frames are written at
 * once. When it is full the client is behind: frames wait here as text, and are written piece by piece,
 * each when the one before has been sent.
 */
export class Outbox {
  readonly #owner: OutboxOwner;
  /** The frames that wait, from `#next` on; `undefined` while the client is not behind. */
  #texts: string[] | undefined;
  #next = 0;
  #waitingBytes = 0;
  /** A frame that is written in pieces, and the offset of the next piece. */
  #large: Buffer | undefined;
  #at = 0;
  /** Bytes that were written and not yet accepted by the system. */
  #pieceBytes = 0;

  constructor(owner: OutboxOwner) {
    this.#owner = owner;
  }

  /** Whether the client has unread frames that no longer fit the system's socket buffer. */
  get isBehind(): boolean {
    return this.#texts !== undefined;
  }

  /** Bytes that wait behind the frame being sent, plus `ENTRY_BYTES` for each frame. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  send(text: string): void {
    const { stream } = this.#owner;
    if (this.#texts !== undefined) return this.#wait(this.#texts, text);
    if (text.length > PIECE_BYTES) {
      this.#texts = [];
      this.#wait(this.#texts, text);
      this.#owner.onProgress();
      return this.#advance();
    }
    stream.write(textFrame(text), this.#onWritten);
    if (stream.writableLength > 0) {
      this.#texts = [];
      this.#owner.onProgress();
      this.#countPiece(stream.writableLength);
    }
  }

  /** Drops all frames. Called when the socket is closed. */
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
    this.#owner.onProgress();
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
    if (this.#large !== undefined) return this.#takePieceOf(this.#large);
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
        return this.#takePieceOf(frame);
      }
      frames.push(frame);
      bytes += frame.length;
    }
    return frames.length === 0 ? undefined : Buffer.concat(frames);
  }

  /** Takes the next text if it fits the `room` of the current piece; an empty piece fits any text. */
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

  #takePieceOf(large: Buffer): Buffer {
    const piece = large.subarray(this.#at, this.#at + PIECE_BYTES);
    this.#at += piece.length;
    if (this.#at === large.length) {
      this.#large = undefined;
      this.#owner.hold(-large.length);
    }
    return piece;
  }
}

/** Memory of a waiting text, in bytes: strings take up to two bytes a character. */
const heldFor = (text: string): number => 2 * text.length + ENTRY_BYTES;

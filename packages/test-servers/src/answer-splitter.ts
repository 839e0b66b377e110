/** A piece of a server's data that can be dropped without corrupting the rest. */
export interface AnswerPiece {
  readonly bytes: Buffer;
  /** The answer's text; `undefined` for pieces that must pass: handshakes, pings, close frames. */
  readonly text: string | undefined;
}

const handshakeStart = "HTTP/1.1 101";
const headEnd = "\r\n\r\n";
const firstControlOpcode = 8;

/**
 * Splits one connection's answers into pieces: a WebSocket's handshake and frames. The data of another
 * protocol, also after an upgrade, is not split: each chunk is a piece.
 */
export class AnswerSplitter {
  #mode: "undecided" | "frames" | "chunks" = "undecided";
  #pending: Buffer = Buffer.alloc(0);

  /** Returns the complete pieces. An incomplete piece is kept until the rest of it arrives. */
  push(chunk: Buffer): AnswerPiece[] {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    const pieces: AnswerPiece[] = [];
    for (let piece = this.#next(); piece !== undefined; piece = this.#next()) pieces.push(piece);
    return pieces;
  }

  #next(): AnswerPiece | undefined {
    if (this.#mode === "undecided") {
      const start = this.#pending.toString("latin1", 0, handshakeStart.length);
      if (!handshakeStart.startsWith(start)) this.#mode = "chunks";
    }
    if (this.#mode === "chunks") return this.#take(this.#pending.length, 0);
    if (this.#mode === "frames") return this.#nextFrame();

    const end = this.#pending.indexOf(headEnd);
    if (end < 0) return undefined;
    const head = this.#pending.toString("latin1", 0, end);
    this.#mode = /^upgrade: websocket\r?$/im.test(head) ? "frames" : "chunks";
    return this.#take(end + headEnd.length, undefined);
  }

  #nextFrame(): AnswerPiece | undefined {
    const frame = this.#pending;
    if (frame.length < 2) return undefined;
    // RFC 6455, 5.2. A server's frames have no mask.
    const shortLength = frame.readUInt8(1) & 0x7f;
    const headBytes = shortLength === 127 ? 10 : shortLength === 126 ? 4 : 2;
    if (frame.length < headBytes) return undefined;
    const payloadBytes =
      shortLength === 127
        ? Number(frame.readBigUInt64BE(2))
        : shortLength === 126
          ? frame.readUInt16BE(2)
          : shortLength;
    const isControl = (frame.readUInt8(0) & 0x0f) >= firstControlOpcode;
    return this.#take(headBytes + payloadBytes, isControl ? undefined : headBytes);
  }

  #take(byteLength: number, textStart: number | undefined): AnswerPiece | undefined {
    if (byteLength === 0 || this.#pending.length < byteLength) return undefined;
    const bytes = this.#pending.subarray(0, byteLength);
    this.#pending = this.#pending.subarray(byteLength);
    return { bytes, text: textStart === undefined ? undefined : bytes.toString("utf8", textStart) };
  }
}

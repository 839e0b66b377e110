const FIN = 0x80;
const OPCODE = 0x0f;
const FIRST_CONTROL_OPCODE = 0x8;
const LENGTH = 0x7f;
const LENGTH_IN_2_BYTES = 126;
const MASK_BYTES = 4;

/** What `ws` keeps for each part of a message that is not complete: a buffer, in bytes. */
const FRAGMENT_BYTES = 128;
/** What it keeps for each piece that the network delivered: a buffer with memory of its own, in bytes. */
const CHUNK_BYTES = 256;

/**
 * Follows the heads of a client's frames (RFC 6455, 5.2), so that it is known at any time how much
 * `ws` holds of a message that is not complete yet. Reads no content.
 */
export class FrameMeter {
  /** Bytes of the current frame that are still to come: its mask and its content. */
  #left = 0;
  #isFinal = false;
  #isControl = false;
  #expects: "first" | "second" | "length" = "first";
  #lengthBytes = 0;
  #length = 0;
  /** Of the message that is not complete yet: */
  #bytes = 0;
  #fragments = 0;
  #chunks = 0;

  /** Takes what the network delivered, and says what is held of an incomplete message, in bytes. */
  read(chunk: Buffer): number {
    let at = 0;
    while (at < chunk.length) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, chunk.length - at);
        at += taken;
        this.#left -= taken;
        if (!this.#isControl) this.#bytes += taken;
        if (this.#left === 0) this.#endFrame();
      } else {
        this.#readHead(chunk[at] ?? 0);
        at += 1;
      }
    }
    if (this.#bytes === 0 && this.#fragments === 0) return 0;
    this.#chunks += 1;
    return this.#bytes + FRAGMENT_BYTES * this.#fragments + CHUNK_BYTES * this.#chunks;
  }

  #readHead(byte: number): void {
    switch (this.#expects) {
      case "first":
        this.#isFinal = (byte & FIN) !== 0;
        this.#isControl = (byte & OPCODE) >= FIRST_CONTROL_OPCODE;
        this.#expects = "second";
        return;
      case "second": {
        const length = byte & LENGTH;
        if (length < LENGTH_IN_2_BYTES) return this.#beginContent(length);
        this.#length = 0;
        this.#lengthBytes = length === LENGTH_IN_2_BYTES ? 2 : 8;
        this.#expects = "length";
        return;
      }
      case "length":
        this.#length = this.#length * 256 + byte;
        this.#lengthBytes -= 1;
        if (this.#lengthBytes === 0) this.#beginContent(this.#length);
    }
  }

  #beginContent(length: number): void {
    this.#left = length + MASK_BYTES;
    this.#expects = "first";
  }

  #endFrame(): void {
    if (this.#isControl) return;
    if (!this.#isFinal) {
      this.#fragments += 1;
      return;
    }
    this.#bytes = 0;
    this.#fragments = 0;
    this.#chunks = 0;
  }
}

const FINAL_TEXT = 0x81;
const MAX_LENGTH_IN_HEAD = 125;
const LENGTH_IN_8_BYTES = 127;

/**
 * A server's text message as one WebSocket frame (RFC 6455, 5.2), in one buffer. `ws` would hand the
 * head and the text to the socket one after the other, to be put together again on the way to the
 * system.
 */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  if (length <= MAX_LENGTH_IN_HEAD) return frame(text, length, 2, length);
  if (length <= 0xffff) {
    const short = frame(text, length, 4, LENGTH_IN_2_BYTES);
    short.writeUInt16BE(length, 2);
    return short;
  }
  const long = frame(text, length, 10, LENGTH_IN_8_BYTES);
  long.writeUIntBE(0, 2, 2);
  long.writeUIntBE(length, 4, 6);
  return long;
}

function frame(text: string, length: number, headBytes: number, lengthCode: number): Buffer {
  const bytes = Buffer.allocUnsafe(headBytes + length);
  bytes[0] = FINAL_TEXT;
  bytes[1] = lengthCode;
  bytes.write(text, headBytes);
  return bytes;
}

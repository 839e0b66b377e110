// Frames of RFC 6455, section 5.2: those that the server sends, and the sizes of those that it receives.

const FIN = 0x80;
const OPCODE = 0x0f;
const TEXT_OPCODE = 0x1;
const FIRST_CONTROL_OPCODE = 0x8;
const LENGTH = 0x7f;
const MAX_LENGTH_IN_HEAD = 125;
const LENGTH_IN_2_BYTES = 126;
const LENGTH_IN_8_BYTES = 127;
const MASK_BYTES = 4;

/**
 * Encodes a server's text message as one frame in one buffer. `ws` would write the head and the text
 * separately, and Node.js would have to join them again.
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
  bytes[0] = FIN | TEXT_OPCODE;
  bytes[1] = lengthCode;
  bytes.write(text, headBytes);
  return bytes;
}

/** Memory that `ws` uses for each fragment of an incomplete message: a buffer object, in bytes. */
const FRAGMENT_BYTES = 128;
/** Memory that `ws` uses for each chunk from the network: a buffer with storage of its own, in bytes. */
const CHUNK_BYTES = 256;

/**
 * Measures how much memory `ws` uses for an incomplete message, by parsing the heads of a client's
 * frames. It does not read their content.
 */
export class FrameMeter {
  /** Bytes of the current frame that have not arrived: its mask and its content. */
  #left = 0;
  #isFinal = false;
  #isControl = false;
  #expects: "first" | "second" | "length" = "first";
  #lengthBytes = 0;
  #length = 0;
  /** Bytes, fragments and chunks of the incomplete message. */
  #bytes = 0;
  #fragments = 0;
  #chunks = 0;

  /** Parses a chunk from the network. Returns the memory of the incomplete message, in bytes. */
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

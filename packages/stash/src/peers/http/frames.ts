const HEAD_BYTES = 4;

/** What goes over a connection: `length (4 bytes, big endian) · body`, the body made of these parts. */
export function frameOf(...parts: readonly Uint8Array[]): Buffer {
  let at = HEAD_BYTES;
  for (const part of parts) at += part.length;
  const frame = Buffer.allocUnsafe(at);
  at = frame.writeUInt32BE(at - HEAD_BYTES);
  for (const part of parts) {
    frame.set(part, at);
    at += part.length;
  }
  return frame;
}

/** Cuts what comes over a connection into the bodies of its frames. */
export class FrameReader {
  /** The longest body that is collected; may be changed from one to the next. */
  maxBytes: number;

  #chunks: Buffer[] = [];
  #held = 0;
  /** As many must be there before it is worth while to look. */
  #wanted = HEAD_BYTES;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /**
   * Calls back with each body that is complete now. `false`: the next one is too long, or the callback
   * did not want any more; nothing may be read after that.
   */
  read(chunk: Buffer, receive: (body: Buffer) => boolean): boolean {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    while (this.#held >= this.#wanted) {
      const bytes = this.#take();
      const end = HEAD_BYTES + bytes.readUInt32BE();
      if (end > HEAD_BYTES + this.maxBytes) return false;
      const isWhole = bytes.length >= end;
      this.#keep(isWhole ? bytes.subarray(end) : bytes);
      this.#wanted = isWhole ? HEAD_BYTES : end;
      if (isWhole && !receive(bytes.subarray(HEAD_BYTES, end))) return false;
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

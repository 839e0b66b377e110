import type { NodeName } from "./peer-network.ts";

/** Reads a message from its start to its end; throws a `RangeError` where something is missing. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  byte(): number {
    return this.#bytes.readUInt8(this.#skip(1));
  }

  uint32(): number {
    return this.#bytes.readUInt32BE(this.#skip(4));
  }

  double(): number {
    return this.#bytes.readDoubleBE(this.#skip(8));
  }

  nodeName(): NodeName {
    return this.take(8).toString("base64url");
  }

  /** Text of at most 255 bytes. */
  text(): string {
    return this.take(this.byte()).toString("latin1");
  }

  /** A list, behind the number of its elements. */
  list<Element>(read: () => Element): Element[] {
    const elements: Element[] = [];
    for (let left = this.uint32(); left > 0; left -= 1) elements.push(read());
    return elements;
  }

  take(byteLength: number): Buffer {
    const at = this.#skip(byteLength);
    return this.#bytes.subarray(at, at + byteLength);
  }

  rest(): Buffer {
    return this.take(this.#bytes.length - this.#at);
  }

  #skip(byteLength: number): number {
    const at = this.#at;
    if (at + byteLength > this.#bytes.length) throw new RangeError("A message ends too early.");
    this.#at += byteLength;
    return at;
  }
}

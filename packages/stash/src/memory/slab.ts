import { STEP_BYTES } from "./size-class.ts";

/** The memory that is taken from the system at once. Pages that no slot has used cost nothing. */
export const SLAB_BYTES = 262_144;
/** More slots than any slab has: `slab × SLOTS + slot` names a slot by one small integer. */
export const MAX_SLOTS = SLAB_BYTES / STEP_BYTES;

const END_OF_LIST = 0xffff_ffff;

/**
 * A block of memory off the JavaScript heap, cut into slots of one size. Free slots form a list
 * through their own first bytes, so that a slab needs no memory besides.
 */
export class Slab {
  readonly index: number;
  readonly slotBytes: number;
  readonly #bytes: Buffer;
  readonly #slots: number;
  #firstFree = END_OF_LIST;
  #untouched = 0;
  #used = 0;
  /** Where the slab stands in its arena's list of slabs with room; -1 if it is full. */
  roomAt = -1;

  constructor(index: number, slotBytes: number) {
    this.index = index;
    this.slotBytes = slotBytes;
    this.#bytes = Buffer.alloc(SLAB_BYTES);
    this.#slots = Math.floor(SLAB_BYTES / slotBytes);
  }

  get isFull(): boolean {
    return this.#used === this.#slots;
  }

  get isEmpty(): boolean {
    return this.#used === 0;
  }

  /** Takes a free slot; the slab must not be full. */
  take(): number {
    this.#used += 1;
    if (this.#firstFree === END_OF_LIST) {
      this.#untouched += 1;
      return this.#untouched - 1;
    }
    const slot = this.#firstFree;
    this.#firstFree = this.#bytes.readUInt32LE(slot * this.slotBytes);
    return slot;
  }

  giveBack(slot: number): void {
    this.#used -= 1;
    this.#bytes.writeUInt32LE(this.#firstFree, slot * this.slotBytes);
    this.#firstFree = slot;
  }

  write(slot: number, record: Uint8Array): void {
    this.#bytes.set(record, slot * this.slotBytes);
  }

  /** A copy of what `write` put there. */
  read(slot: number, byteLength: number): Uint8Array {
    const start = slot * this.slotBytes;
    return new Uint8Array(this.#bytes.subarray(start, start + byteLength));
  }
}

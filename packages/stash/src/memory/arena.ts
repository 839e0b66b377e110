/** Where a record lies: a slot by its number, or a buffer of its own. */
export type Place = number | Uint8Array;

/**
 * Keeps records off the JavaScript heap: small ones side by side in slabs of equal slots, large
 * ones in buffers of their own. A slab without records is given back at once.
 */
export class Arena {
  readonly #slabs: (Slab | undefined)[] = [];
  readonly #freeIndexes: number[] = [];
  /** By size of slot, the slabs that have a free one. */
  readonly #withRoom = new Map<number, Slab[]>();

  /** Copies a record in. */
  put(record: Uint8Array): Place {
    const slotBytes = slotBytesFor(record.length);
    if (slotBytes > MAX_SLOT_BYTES) return new Uint8Array(record);
    const slab = this.#slabWithRoom(slotBytes);
    const slot = slab.take();
    if (slab.isFull) this.#leaveRoom(slab);
    slab.write(slot, record);
    return slab.index * MAX_SLOTS + slot;
  }

  /** Writes another record of the same size of slot over one. */
  overwrite(place: Place, record: Uint8Array): Place {
    if (typeof place !== "number") return new Uint8Array(record);
    this.#slabOf(place).write(place % MAX_SLOTS, record);
    return place;
  }

  /** A copy of a record. */
  read(place: Place, byteLength: number): Uint8Array {
    if (typeof place !== "number") return new Uint8Array(place);
    return this.#slabOf(place).read(place % MAX_SLOTS, byteLength);
  }

  remove(place: Place): void {
    if (typeof place !== "number") return;
    const slab = this.#slabOf(place);
    if (slab.isFull) this.#joinRoom(slab);
    slab.giveBack(place % MAX_SLOTS);
    if (!slab.isEmpty) return;
    this.#leaveRoom(slab);
    this.#slabs[slab.index] = undefined;
    this.#freeIndexes.push(slab.index);
  }

  get slabs(): number {
    return this.#slabs.length - this.#freeIndexes.length;
  }

  #slabWithRoom(slotBytes: number): Slab {
    const known = this.#withRoom.get(slotBytes)?.at(-1);
    if (known !== undefined) return known;
    const slab = new Slab(this.#freeIndexes.pop() ?? this.#slabs.length, slotBytes);
    this.#slabs[slab.index] = slab;
    this.#joinRoom(slab);
    return slab;
  }

  #slabOf(place: number): Slab {
    const slab = this.#slabs[Math.floor(place / MAX_SLOTS)];
    if (slab === undefined) throw new RangeError("A record was looked for where there is none.");
    return slab;
  }

  #joinRoom(slab: Slab): void {
    let room = this.#withRoom.get(slab.slotBytes);
    if (room === undefined) {
      room = [];
      this.#withRoom.set(slab.slotBytes, room);
    }
    slab.roomAt = room.push(slab) - 1;
  }

  /** Puts the last slab of the list in the place of the one that leaves: no search, no gap. */
  #leaveRoom(slab: Slab): void {
    const room = this.#withRoom.get(slab.slotBytes);
    const last = room?.pop();
    if (room !== undefined && last !== undefined && last !== slab) {
      room[slab.roomAt] = last;
      last.roomAt = slab.roomAt;
    }
    slab.roomAt = -1;
  }
}

/** The smallest step between two sizes of slots. */
export const STEP_BYTES = 64;
/** Records above this get a buffer of their own. */
export const MAX_SLOT_BYTES = 65_536;

const FINE_LIMIT_BYTES = 4_096;

/**
 * The size of the slot for a record: steps of 64 bytes up to 4 KiB, then eight steps per doubling,
 * so that at most an eighth is wasted. Above 64 KiB the record's own size.
 */
export function slotBytesFor(recordBytes: number): number {
  if (recordBytes > MAX_SLOT_BYTES) return recordBytes;
  if (recordBytes <= FINE_LIMIT_BYTES) {
    return Math.max(1, Math.ceil(recordBytes / STEP_BYTES)) * STEP_BYTES;
  }
  const step = 2 ** Math.floor(Math.log2(recordBytes - 1)) / 8;
  return Math.ceil(recordBytes / step) * step;
}

/** The memory that is taken from the system at once. Pages that no slot has used cost nothing. */
export const SLAB_BYTES = 262_144;
/** More slots than any slab has: `slab × SLOTS + slot` names a slot by one small integer. */
const MAX_SLOTS = SLAB_BYTES / STEP_BYTES;

const END_OF_LIST = 0xffff_ffff;

/**
 * A block of memory off the JavaScript heap, cut into slots of one size. Free slots form a list
 * through their own first bytes, so that a slab needs no memory besides.
 */
class Slab {
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

/** What an entry takes besides its record (measured: see the benchmark of the stash). */
const BOOKKEEPING_BYTES = 256;

/** What a record of this size counts for: its slot, and what is known about it. */
export function entryBytes(recordBytes: number): number {
  return slotBytesFor(recordBytes) + BOOKKEEPING_BYTES;
}

// The memory of the records: a slab allocator, as in the kernel and in memcached, in one file.
//
// It exists because a `Uint8Array` for each record costs more than the record's bytes: an object on
// the JavaScript heap that the garbage collector marks again and again, a header, and a `malloc`
// block rounded up. Measured with Node.js 20 on Linux, after garbage collection, with 20,000 records
// of 360 bytes in entries of a plain `Map`: a record in the arena takes about 300 bytes of RSS and
// 170 bytes of heap less than a `Uint8Array` of its own. `npm run bench -- stash` measures a whole
// stash.

/** The smallest step between two slot sizes. A free slot needs 4 bytes for the number of the next one. */
const STEP_BYTES = 64;
/** Largest record that shares a slab: four fit, so that a slab wastes at most its last quarter. */
export const MAX_SLOT_BYTES = 65_536;
/** Up to here steps of 64 bytes waste little; above, they would make hundreds of slot sizes. */
const FINE_LIMIT_BYTES = 4_096;
/** The memory that the arena takes from the system at once. Pages that no slot has used cost no RSS. */
export const SLAB_BYTES = 262_144;
/** At least the slots of any slab, so that `slab * MAX_SLOTS + slot` numbers every slot of the arena. */
const MAX_SLOTS = SLAB_BYTES / STEP_BYTES;
/**
 * Bookkeeping per entry, in bytes: map slot, entry object, id, owner and bucket (measured by the
 * benchmark).
 */
const BOOKKEEPING_BYTES = 256;

/** The place of a record: the number of a slot, or a buffer of its own. */
export type Place = number | Uint8Array;

/**
 * Returns the slot size for a record: steps of 64 bytes up to 4 KiB, then eight steps per doubling,
 * so that at most an eighth is wasted. A record above 64 KiB gets a buffer of exactly its own size.
 */
export function slotBytesFor(recordBytes: number): number {
  if (recordBytes > MAX_SLOT_BYTES) return recordBytes;
  if (recordBytes <= FINE_LIMIT_BYTES) {
    return Math.max(1, Math.ceil(recordBytes / STEP_BYTES)) * STEP_BYTES;
  }
  const step = 2 ** Math.floor(Math.log2(recordBytes - 1)) / 8;
  return Math.ceil(recordBytes / step) * step;
}

/** Returns the bytes that a record of this size counts against `maxBytes`: its slot and its bookkeeping. */
export function entryBytes(recordBytes: number): number {
  return slotBytesFor(recordBytes) + BOOKKEEPING_BYTES;
}

/**
 * Stores records off the JavaScript heap: small ones side by side in slabs of equal slots, large
 * ones in buffers of their own. An empty slab is freed at once.
 */
export class Arena {
  readonly #slabs: (Slab | undefined)[] = [];
  readonly #freeIndexes: number[] = [];
  /** The slabs with a free slot, by slot size. */
  readonly #withRoom = new Map<number, Slab[]>();

  /** Stores a copy of a record. */
  put(record: Uint8Array): Place {
    const slotBytes = slotBytesFor(record.length);
    if (slotBytes > MAX_SLOT_BYTES) return new Uint8Array(record);
    const slab = this.#slabWithRoom(slotBytes);
    const slot = slab.take();
    if (slab.isFull) this.#leaveRoom(slab);
    slab.write(slot, record);
    return slab.index * MAX_SLOTS + slot;
  }

  /** Replaces a record by another one of the same slot size. */
  overwrite(place: Place, record: Uint8Array): Place {
    if (typeof place !== "number") return new Uint8Array(record);
    this.#slabOf(place).write(place % MAX_SLOTS, record);
    return place;
  }

  /** Returns a copy of a record. */
  read(place: Place, byteLength: number): Uint8Array {
    if (typeof place !== "number") return new Uint8Array(place);
    return this.#slabOf(place).read(place % MAX_SLOTS, byteLength);
  }

  /** Frees the place of a record. */
  remove(place: Place): void {
    if (typeof place !== "number") return;
    const slab = this.#slabOf(place);
    if (slab.isFull) this.#joinRoom(slab);
    slab.free(place % MAX_SLOTS);
    if (!slab.isEmpty) return;
    this.#leaveRoom(slab);
    this.#slabs[slab.index] = undefined;
    this.#freeIndexes.push(slab.index);
  }

  /** The number of slabs in use. */
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
    if (slab === undefined) throw new RangeError(`Expected a record at ${place}, found no slab.`);
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

  /** Moves the last slab of the list to the place of the removed one: constant work, and no gap. */
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

const END_OF_LIST = 0xffff_ffff;

/**
 * A block of memory off the JavaScript heap, cut into slots of one size. Each free slot holds the
 * number of the next one in its first bytes, so that the list of free slots needs no memory.
 */
class Slab {
  readonly index: number;
  readonly slotBytes: number;
  readonly #bytes: Buffer;
  readonly #slots: number;
  #firstFree = END_OF_LIST;
  /** Slots from this one on were never used, and are in no list. */
  #untouched = 0;
  #used = 0;
  /** The slab's index in the arena's list of slabs with room; -1 if the slab is full. */
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

  free(slot: number): void {
    this.#used -= 1;
    this.#bytes.writeUInt32LE(this.#firstFree, slot * this.slotBytes);
    this.#firstFree = slot;
  }

  write(slot: number, record: Uint8Array): void {
    this.#bytes.set(record, slot * this.slotBytes);
  }

  /** Returns a copy of the bytes in a slot. */
  read(slot: number, byteLength: number): Uint8Array {
    const start = slot * this.slotBytes;
    return new Uint8Array(this.#bytes.subarray(start, start + byteLength));
  }
}

import { MAX_SLOT_BYTES, slotBytesFor } from "./size-class.ts";
import { MAX_SLOTS, Slab } from "./slab.ts";

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

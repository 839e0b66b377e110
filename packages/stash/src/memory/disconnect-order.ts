import { entryBytes } from "./entry-bytes.ts";
import type { MemoryEntry } from "./entry.ts";

/** The entries of disconnected views, in the order in which they were disconnected. */
export class DisconnectOrder {
  #first: MemoryEntry | undefined;
  #last: MemoryEntry | undefined;
  #entries = 0;
  #bytes = 0;

  get first(): MemoryEntry | undefined {
    return this.#first;
  }

  get entries(): number {
    return this.#entries;
  }

  /** What evicting all of them would free. */
  get bytes(): number {
    return this.#bytes;
  }

  append(entry: MemoryEntry): void {
    entry.earlier = this.#last;
    if (this.#last === undefined) this.#first = entry;
    else this.#last.later = entry;
    this.#last = entry;
    this.#entries += 1;
    this.#bytes += entryBytes(entry.byteLength);
  }

  remove(entry: MemoryEntry): void {
    const { earlier, later } = entry;
    if (earlier === undefined) this.#first = later;
    else earlier.later = later;
    if (later === undefined) this.#last = earlier;
    else later.earlier = earlier;
    entry.earlier = undefined;
    entry.later = undefined;
    this.#entries -= 1;
    this.#bytes -= entryBytes(entry.byteLength);
  }
}

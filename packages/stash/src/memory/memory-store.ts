import type {
  ForgetOutcome,
  ForgetRequest,
  KeepAliveOutcome,
  KeepAliveRequest,
  LoadOutcome,
  LoadRequest,
  Owner,
  SaveOutcome,
  SaveRequest,
  StashId,
} from "../store/adapter.ts";
import type { Clock } from "../option-checks.ts";
import { isEarlierOwner } from "../store/owner.ts";
import { Arena, entryBytes, slotBytesFor } from "./arena.ts";
import { Deadlines, DisconnectOrder } from "./expiry.ts";
import type { MemoryEntry, StashedEntry } from "./entry.ts";

export type TakeOutcome =
  | { readonly status: "taken"; readonly entry: StashedEntry }
  | { readonly status: "superseded" }
  | { readonly status: "absent" };

/** The settings of a memory store. */
export interface MemoryStoreSettings {
  readonly maxBytes: number;
  readonly maxRecordBytes: number;
  readonly sweepIntervalMs: number;
  /** The clock of the deadlines in requests. */
  readonly clock: Clock;
  /** A clock in ms that is never set. */
  readonly monotonicNow: () => number;
}

/**
 * The contents of a store (`entries`, `connected`, `bytes`), and its evictions and expiries since
 * its start.
 */
export interface StoreFigures {
  readonly entries: number;
  /** The entries of connected views, which are never evicted and never expire. */
  readonly connected: number;
  /** The memory in use, as counted against `maxBytes`: the slots of records, and 256 bytes per entry. */
  readonly bytes: number;
  readonly evicted: number;
  readonly expired: number;
}

/** The stashes of one process. The store has no timers: its user calls `sweep`. */
export class MemoryStore {
  readonly #settings: MemoryStoreSettings;
  readonly #entries = new Map<StashId, MemoryEntry>();
  readonly #arena = new Arena();
  readonly #disconnected = new DisconnectOrder();
  readonly #deadlines: Deadlines;
  #bytes = 0;
  #evicted = 0;
  #expired = 0;

  constructor(settings: MemoryStoreSettings) {
    this.#settings = settings;
    this.#deadlines = new Deadlines(settings.sweepIntervalMs);
  }

  /**
   * Converts a deadline of the system's clock to the monotonic clock. Both clocks are read at the
   * same moment, so setting the system's clock later changes no stored deadline. `Infinity` stays
   * `Infinity`.
   */
  deadlineOf(expiresAtMs: number, nowMs = this.#settings.monotonicNow()): number {
    if (expiresAtMs === Infinity) return Infinity;
    return nowMs + (expiresAtMs - this.#settings.clock.now());
  }

  save(request: SaveRequest): SaveOutcome {
    const { record, owner } = request;
    // Read the clock once: the entry that is found must not expire while room is made for its
    // record.
    const nowMs = this.#settings.monotonicNow();
    const deadlineMs = this.deadlineOf(request.expiresAtMs, nowMs);
    const entry = this.#find(request.id, nowMs);
    if (entry === undefined && !request.create) return { status: "absent" };
    if (entry !== undefined && entry.owner !== owner) return { status: "not_owner" };
    if (!this.#makeRoom(record.length, entry, nowMs)) return { status: "full" };
    if (entry === undefined) this.#insert({ id: request.id, owner, record, deadlineMs });
    else this.#replace(entry, record, deadlineMs);
    return { status: "saved" };
  }

  /** Loads a stash. A caller that has waited in between passes the deadline as of its request. */
  load({ id, owner, expiresAtMs }: LoadRequest, deadlineMs?: number): LoadOutcome {
    const nowMs = this.#settings.monotonicNow();
    const entry = this.#find(id, nowMs);
    if (entry === undefined) return { status: "absent" };
    if (isEarlierOwner(owner, entry.owner)) return { status: "superseded" };
    entry.owner = owner;
    this.#setDeadline(entry, deadlineMs ?? this.deadlineOf(expiresAtMs, nowMs));
    return { status: "loaded", record: this.#arena.read(entry.place, entry.byteLength) };
  }

  keepAlive({ id, owner, expiresAtMs }: KeepAliveRequest): KeepAliveOutcome {
    const entry = this.#find(id);
    if (entry === undefined) return "absent";
    if (entry.owner !== owner) return "not_owner";
    this.#setDeadline(entry, this.deadlineOf(expiresAtMs));
    return "kept";
  }

  forget({ id, owner }: ForgetRequest): ForgetOutcome {
    const entry = this.#find(id);
    if (entry === undefined) return "absent";
    if (entry.owner !== owner) return "not_owner";
    this.#drop(entry);
    return "forgotten";
  }

  has(id: StashId): boolean {
    return this.#find(id) !== undefined;
  }

  /** Removes a stash for an owner on another node, and returns the stash. */
  take(id: StashId, owner: Owner): TakeOutcome {
    const entry = this.#find(id);
    if (entry === undefined) return { status: "absent" };
    if (isEarlierOwner(owner, entry.owner)) return { status: "superseded" };
    return { status: "taken", entry: this.#takeOut(entry) };
  }

  get hasDisconnected(): boolean {
    return this.#disconnected.first !== undefined;
  }

  /** Removes and returns stashes of disconnected views, of about `bytes` in total; none if none are left. */
  takeDisconnected(bytes: number): StashedEntry[] {
    const taken: StashedEntry[] = [];
    this.sweep();
    for (let left = bytes; left > 0;) {
      const entry = this.#disconnected.first;
      if (entry === undefined) break;
      left -= entry.byteLength;
      taken.push(this.#takeOut(entry));
    }
    return taken;
  }

  /** Stores a stash of another store; returns `false` if there is no room. */
  put(entry: StashedEntry): boolean {
    const nowMs = this.#settings.monotonicNow();
    const present = this.#find(entry.id, nowMs);
    if (!this.#makeRoom(entry.record.length, present, nowMs)) return false;
    this.restore(entry);
    return true;
  }

  /**
   * Stores a stash again that was removed for another node, even if `maxBytes` is exceeded: losing
   * it is worse.
   */
  restore(entry: StashedEntry): void {
    const present = this.#entries.get(entry.id);
    if (present !== undefined) this.#drop(present);
    this.#insert(entry);
  }

  /** Deletes all stashes. */
  clear(): void {
    for (const entry of this.#entries.values()) this.#drop(entry);
  }

  /** Deletes expired stashes; returns whether stashes are left that will expire. */
  sweep(nowMs = this.#settings.monotonicNow()): boolean {
    this.#deadlines.sweep(nowMs, (entry) => this.#expire(entry));
    return this.canExpire;
  }

  get canExpire(): boolean {
    return this.#deadlines.size > 0;
  }

  figures(): StoreFigures {
    return {
      entries: this.#entries.size,
      connected: this.#entries.size - this.#disconnected.size,
      bytes: this.#bytes,
      evicted: this.#evicted,
      expired: this.#expired,
    };
  }

  #find(id: StashId, nowMs = this.#settings.monotonicNow()): MemoryEntry | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.deadlineMs > nowMs) return entry;
    this.#expire(entry);
    return undefined;
  }

  #takeOut(entry: MemoryEntry): StashedEntry {
    const { id, owner, deadlineMs, place, byteLength } = entry;
    const record = this.#arena.read(place, byteLength);
    this.#drop(entry);
    return { id, owner, record, deadlineMs };
  }

  #insert({ id, owner, record, deadlineMs }: StashedEntry): void {
    const entry: MemoryEntry = {
      id,
      owner,
      place: this.#arena.put(record),
      byteLength: record.length,
      deadlineMs: Infinity,
      earlier: undefined,
      later: undefined,
    };
    this.#entries.set(id, entry);
    this.#bytes += entryBytes(record.length);
    this.#setDeadline(entry, deadlineMs);
  }

  #replace(entry: MemoryEntry, record: Uint8Array, deadlineMs: number): void {
    // Leave the lists first: they count the bytes of their entries, and the size changes here.
    this.#setDeadline(entry, Infinity);
    this.#bytes += entryBytes(record.length) - entryBytes(entry.byteLength);
    if (slotBytesFor(record.length) === slotBytesFor(entry.byteLength)) {
      entry.place = this.#arena.overwrite(entry.place, record);
    } else {
      const place = this.#arena.put(record);
      this.#arena.remove(entry.place);
      entry.place = place;
    }
    entry.byteLength = record.length;
    this.#setDeadline(entry, deadlineMs);
  }

  #setDeadline(entry: MemoryEntry, deadlineMs: number): void {
    const wasConnected = entry.deadlineMs === Infinity;
    const isConnected = deadlineMs === Infinity;
    if (!wasConnected) this.#deadlines.remove(entry);
    if (!wasConnected && isConnected) this.#disconnected.remove(entry);
    entry.deadlineMs = deadlineMs;
    if (wasConnected && !isConnected) this.#disconnected.append(entry);
    if (!isConnected) this.#deadlines.add(entry);
  }

  /** Makes room for a record that replaces that of `entry`; evicts nothing if there cannot be enough room. */
  #makeRoom(recordBytes: number, entry: MemoryEntry | undefined, nowMs: number): boolean {
    const { maxBytes, maxRecordBytes } = this.#settings;
    if (recordBytes > maxRecordBytes) return false;
    const wanted = entryBytes(recordBytes);
    const replaced = entry === undefined ? 0 : entryBytes(entry.byteLength);
    const fits = (): boolean => this.#bytes - replaced + wanted <= maxBytes;
    if (fits()) return true;
    this.sweep(nowMs);
    const own = entry === undefined || entry.deadlineMs === Infinity ? 0 : replaced;
    const evictable = this.#disconnected.bytes - own;
    if (this.#bytes - replaced - evictable + wanted > maxBytes) return false;
    while (!fits()) {
      const first = this.#disconnected.first;
      const victim = first === entry ? first?.later : first;
      if (victim === undefined) return false;
      this.#evicted += 1;
      this.#drop(victim);
    }
    return true;
  }

  #expire(entry: MemoryEntry): void {
    this.#expired += 1;
    this.#drop(entry);
  }

  #drop(entry: MemoryEntry): void {
    this.#setDeadline(entry, Infinity);
    this.#entries.delete(entry.id);
    this.#arena.remove(entry.place);
    this.#bytes -= entryBytes(entry.byteLength);
  }
}

/** Part of the limit by which the total must grow before room is made again in the same tick. */
const ROOM_FRACTION = 1 / 16;
/** A socket that holds no more than this is not closed for the sum of all sockets, in bytes. */
const MODEST_BYTES = 64 * 1024;

/**
 * Counts the memory that all sockets together use on the server: incomplete frames, events that wait or
 * are being handled, parameters of joins, and frames that clients have not read.
 */
export class HeldBytes {
  readonly #maxBytes: number;
  readonly #onExceeded: () => void;
  #total = 0;
  /** `onExceeded` is called above this: the limit, or more for the rest of a tick in which it was called. */
  #actsAbove: number;
  /** Whether bytes were added beyond the limit since `onExceeded` was called. */
  #isDue = false;

  /**
   * `onExceeded` is called when bytes are added beyond `maxBytes`. Because it visits all sockets, it is
   * called again within the same tick of the event loop only if the total has grown by a sixteenth of
   * the limit.
   */
  constructor(maxBytes: number, onExceeded: () => void) {
    this.#maxBytes = maxBytes;
    this.#onExceeded = onExceeded;
    this.#actsAbove = maxBytes;
  }

  get total(): number {
    return this.#total;
  }

  /** Adds bytes; a negative number releases bytes. */
  add(bytes: number): void {
    this.#total += bytes;
    if (bytes <= 0 || this.#total <= this.#maxBytes) return;
    if (this.#total > this.#actsAbove) this.#makeRoom();
    else this.#isDue = true;
  }

  #makeRoom(): void {
    if (this.#actsAbove === this.#maxBytes) setImmediate(() => this.#beginTick());
    // What `onExceeded` itself adds must not call it again.
    this.#actsAbove = Infinity;
    this.#onExceeded();
    this.#isDue = false;
    const held = Math.max(this.#total, this.#maxBytes);
    this.#actsAbove = held + Math.ceil(this.#maxBytes * ROOM_FRACTION);
  }

  #beginTick(): void {
    this.#actsAbove = this.#maxBytes;
    if (this.#isDue && this.#total > this.#maxBytes) this.#makeRoom();
  }
}

/** A socket that uses memory on the server. */
export interface MemoryHolder {
  readonly sessionId: string | undefined;
  /** Bytes that this socket makes the server hold. */
  readonly heldBytes: number;
  /** Bytes of an incomplete frame of which nothing more has arrived for a while. */
  stalledBytes(nowMs: number): number;
  readonly stream: { readonly destroyed: boolean };
  /** Closes the socket and frees its bytes. `totalBytes`: what all sockets hold. */
  closeForMemory(totalBytes: number): void;
}

/** The sockets of one session, or all without a session, and the bytes that they hold together. */
interface Group {
  readonly sockets: MemoryHolder[];
  bytes: number;
}

/**
 * Closes sockets until all together hold no more than `maxBytes`: those of the session that holds the
 * most, so that no visitor is closed for what another one holds on many sockets. If most of the bytes
 * belong to stalled frames, which may come from many sessions, sockets with stalled frames are closed
 * first.
 */
export function closeGreediest(
  sockets: ReadonlySet<MemoryHolder>,
  held: { readonly total: number },
  maxBytes: number,
  nowMs: number,
): void {
  const modestBytes = Math.min(MODEST_BYTES, maxBytes / sockets.size);
  let stalledBytes = 0;
  for (const socket of sockets) stalledBytes += socket.stalledBytes(nowMs);
  if (stalledBytes > maxBytes / 2) {
    closeBy((socket) => socket.stalledBytes(nowMs), sockets, held, maxBytes, modestBytes / 2);
  }
  closeBy((socket) => socket.heldBytes, sockets, held, maxBytes, modestBytes);
}

function closeBy(
  bytesOf: (socket: MemoryHolder) => number,
  sockets: ReadonlySet<MemoryHolder>,
  held: { readonly total: number },
  maxBytes: number,
  modestBytes: number,
): void {
  if (held.total <= maxBytes) return;
  const groups = groupsOf(bytesOf, sockets);
  while (held.total > maxBytes) {
    let greediest: Group | undefined;
    for (const group of groups) {
      if (group.bytes > (greediest?.bytes ?? modestBytes)) greediest = group;
    }
    const socket = greediest?.sockets.pop();
    if (greediest === undefined || socket === undefined) return;
    greediest.bytes -= bytesOf(socket);
    socket.closeForMemory(held.total);
  }
}

/** Groups the sockets that hold anything by session, the greediest socket of each group last. */
function groupsOf(
  bytesOf: (socket: MemoryHolder) => number,
  sockets: ReadonlySet<MemoryHolder>,
): Iterable<Group> {
  const groups = new Map<string | undefined, Group>();
  for (const socket of sockets) {
    const bytes = bytesOf(socket);
    // A destroyed socket is closed already; its bytes are freed once its work in progress has ended.
    if (bytes === 0 || socket.stream.destroyed) continue;
    const group = groups.get(socket.sessionId) ?? { sockets: [], bytes: 0 };
    group.sockets.push(socket);
    group.bytes += bytes;
    groups.set(socket.sessionId, group);
  }
  for (const group of groups.values()) {
    group.sockets.sort((left, right) => bytesOf(left) - bytesOf(right));
  }
  return [...groups.values()];
}

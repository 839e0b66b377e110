/** How much more may be held before room is made again in the same turn: one part of so many. */
const PART_OF_ROOM = 16;

/**
 * Counts the bytes that all sockets together make a server hold: frames that are not complete yet,
 * events that wait or are being handled, parameters of joins, and frames that a client has not read.
 */
export class HeldBytes {
  readonly #maxBytes: number;
  readonly #onExceeded: () => void;
  #total = 0;
  /** Beyond this room is made: more than the limit for the rest of a turn in which it was made. */
  #actsAbove: number;
  /** Something was added beyond the limit since room was made. */
  #isDue = false;

  /**
   * `onExceeded` is called when bytes are added beyond `maxBytes`. It looks at all sockets, so within a
   * turn of the event loop it is only called again once a sixteenth more is held.
   */
  constructor(maxBytes: number, onExceeded: () => void) {
    this.#maxBytes = maxBytes;
    this.#onExceeded = onExceeded;
    this.#actsAbove = maxBytes;
  }

  get total(): number {
    return this.#total;
  }

  add(bytes: number): void {
    this.#total += bytes;
    if (bytes <= 0 || this.#total <= this.#maxBytes) return;
    if (this.#total > this.#actsAbove) this.#makeRoom();
    else this.#isDue = true;
  }

  #makeRoom(): void {
    if (this.#actsAbove === this.#maxBytes) setImmediate(() => this.#beginTurn());
    // It is not called for what is added meanwhile.
    this.#actsAbove = Infinity;
    this.#onExceeded();
    this.#isDue = false;
    const held = Math.max(this.#total, this.#maxBytes);
    this.#actsAbove = held + Math.ceil(this.#maxBytes / PART_OF_ROOM);
  }

  #beginTurn(): void {
    this.#actsAbove = this.#maxBytes;
    if (this.#isDue && this.#total > this.#maxBytes) this.#makeRoom();
  }
}

/** Who holds no more than this is not closed for what all hold together, in bytes. */
const MODEST_BYTES = 64 * 1024;

/** One socket, as far as its memory is concerned. */
export interface MemoryHolder {
  readonly sessionId: string | undefined;
  /** Bytes that this socket makes the server hold. */
  readonly heldBytes: number;
  /** Bytes of an incomplete frame of which nothing more arrives. */
  stalledBytes(nowMs: number): number;
  readonly stream: { readonly destroyed: boolean };
  /** Closes the socket; `totalBytes` is what all sockets hold. */
  closeForMemory(totalBytes: number): void;
}

/** The sockets of one session, or all that have none, and what they hold together. */
interface Group {
  readonly sockets: MemoryHolder[];
  bytes: number;
}

/**
 * Closes sockets until all together hold no more than they may: those of the session that holds the
 * most, so that nobody is closed for what somebody else holds on many sockets. Where most of it is
 * frames whose rest does not come, whose sessions may be many, only these count at first.
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

/** Those who hold anything, by session, each with its greediest socket last. */
function groupsOf(
  bytesOf: (socket: MemoryHolder) => number,
  sockets: ReadonlySet<MemoryHolder>,
): Iterable<Group> {
  const groups = new Map<string | undefined, Group>();
  for (const socket of sockets) {
    const bytes = bytesOf(socket);
    // One that was ended already waits for what it has under way.
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

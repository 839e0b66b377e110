/** What became of a message: where in the stream it is, and whether it counts. */
export interface Sight {
  readonly seq: number;
  readonly counts: boolean;
}

/** A message of this node's own that it waits to see. */
export interface Awaited {
  /** Resolves once it was seen, or is late; what is late may still be seen. */
  readonly seenOrLate: Promise<void>;
  readonly sight: Sight | undefined;
}

/** What was not seen after one to two of these is late. */
const LOOK_MS = 100;

/**
 * The messages that this node has sent and not seen in the stream yet. To see one is all the
 * acknowledgement that is needed, as servers deliver only what more than half of them have. Servers are
 * asked about what is late, and about nothing else.
 *
 * A message is known by its stash and its bytes. Should another node send the same bytes about the same
 * stash, both ask for the same, and either does what the other would have done.
 */
export class Sightings {
  readonly #awaited = new Map<string, AwaitedMessage>();
  #isLooking = false;

  /** Waits for a message about a stash from now on until `forget`; for one at a time. */
  expect(name: string, bytes: Uint8Array): Awaited {
    const awaited = new AwaitedMessage(bytes);
    this.#awaited.set(name, awaited);
    if (!this.#isLooking) this.#lookLater();
    return awaited;
  }

  forget(name: string): void {
    this.#awaited.delete(name);
  }

  saw(name: string, bytes: Buffer, sight: Sight): void {
    const awaited = this.#awaited.get(name);
    if (awaited !== undefined && bytes.equals(awaited.bytes)) awaited.see(sight);
  }

  /** All that was not seen is late: its connection broke. */
  giveUp(): void {
    for (const awaited of this.#awaited.values()) awaited.wake();
  }

  /** One timer for all, and none for each: nearly everything is seen long before it is late. */
  #lookLater(): void {
    this.#isLooking = true;
    setTimeout(() => this.#look(), LOOK_MS).unref();
  }

  #look(): void {
    this.#isLooking = false;
    if (this.#awaited.size === 0) return;
    for (const awaited of this.#awaited.values()) awaited.look();
    this.#lookLater();
  }
}

class AwaitedMessage implements Awaited {
  readonly bytes: Uint8Array;
  readonly seenOrLate: Promise<void>;
  wake = (): void => {};
  sight: Sight | undefined;
  #wasLookedAt = false;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.seenOrLate = new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  see(sight: Sight): void {
    this.sight ??= sight;
    this.wake();
  }

  look(): void {
    if (this.#wasLookedAt) this.wake();
    this.#wasLookedAt = true;
  }
}

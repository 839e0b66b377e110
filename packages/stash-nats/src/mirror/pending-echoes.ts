/** A message of this node as it came back in the stream. */
export interface Echo {
  readonly seq: number;
  readonly isAccepted: boolean;
}

/** A message of this node that has not come back yet. */
export interface PendingEcho {
  /** Resolves when the echo arrives, or is late. A late echo may still arrive. */
  readonly arrivedOrLate: Promise<void>;
  readonly echo: Echo | undefined;
}

/**
 * The interval of checks for late echoes: an echo is late after one to two of them. A stream that works
 * answers within a few ms, and a call (800 ms by default) must still have time to ask the servers.
 */
const CHECK_MS = 100;

/**
 * The messages that this node has sent and not yet read back from the stream. An echo is all the
 * acknowledgement needed, because servers deliver a message only once more than half of them have it.
 * The servers are asked about late echoes, and about nothing else.
 *
 * A stash and bytes identify a message. If two nodes send the same bytes about the same stash, both
 * want the same change, so it does not matter whose message arrived.
 */
export class PendingEchoes {
  readonly #pending = new Map<string, Pending>();
  #isChecking = false;

  /** Expects the echo of a message until `forget` is called. One message for each stash at a time. */
  expect(name: string, bytes: Uint8Array): PendingEcho {
    const pending = new Pending(bytes);
    this.#pending.set(name, pending);
    if (!this.#isChecking) this.#checkLater();
    return pending;
  }

  forget(name: string): void {
    this.#pending.delete(name);
  }

  /** Handles a message from the stream, which may be an echo. */
  receive(name: string, bytes: Buffer, echo: Echo): void {
    const pending = this.#pending.get(name);
    if (pending !== undefined && bytes.equals(pending.bytes)) pending.arrive(echo);
  }

  /** Makes all pending echoes late: the connection broke. */
  abandonAll(): void {
    for (const pending of this.#pending.values()) pending.wake();
  }

  /** Starts one timer for all echoes instead of one each, because nearly every echo arrives in time. */
  #checkLater(): void {
    this.#isChecking = true;
    setTimeout(() => this.#check(), CHECK_MS).unref();
  }

  #check(): void {
    this.#isChecking = false;
    if (this.#pending.size === 0) return;
    for (const pending of this.#pending.values()) pending.check();
    this.#checkLater();
  }
}

class Pending implements PendingEcho {
  readonly bytes: Uint8Array;
  readonly arrivedOrLate: Promise<void>;
  wake = (): void => {};
  echo: Echo | undefined;
  #wasChecked = false;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.arrivedOrLate = new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  arrive(echo: Echo): void {
    this.echo ??= echo;
    this.wake();
  }

  check(): void {
    if (this.#wasChecked) this.wake();
    this.#wasChecked = true;
  }
}

/**
 * Most of a view's own messages that wait: far more than a view handles in a reasonable time. Without a
 * limit, a view that sends itself messages faster than it handles them would fill the memory.
 */
const MAX_OWN_WAITING = 10_000;
/** Most handled messages at the beginning of the list; then they are removed together, at one copy. */
const MAX_HANDLED = 1024;

/**
 * Handles one view's messages strictly one after the other, even if handlers are async. So replies and
 * diffs are sent in the order in which their messages arrived.
 */
export class Mailbox<Message> {
  readonly #handle: (message: Message) => Promise<void>;
  readonly #isOwn: (message: Message) => boolean;
  readonly #maxLength: number;
  #waiting: Message[] = [];
  /** Index of the first message that waits; those before it have been handled. */
  #next = 0;
  #ownWaiting = 0;
  #isRunning = false;
  #isClosed = false;

  /**
   * `maxLength` limits the client's messages; the view's own (`isOwn`) do not count. `handle` must not
   * reject: it deals with the failure of a message itself.
   */
  constructor(
    maxLength: number,
    handle: (message: Message) => Promise<void>,
    isOwn: (message: Message) => boolean = () => false,
  ) {
    this.#maxLength = maxLength;
    this.#handle = handle;
    this.#isOwn = isOwn;
  }

  /** Whether no message is being handled, so that the next one is handled at once. */
  get isIdle(): boolean {
    return !this.#isRunning;
  }

  /** Adds a message. `false` if the mailbox is full or closed: then the message is not handled. */
  post(message: Message): boolean {
    if (this.#isClosed) return false;
    if (this.#isOwn(message)) {
      if (this.#ownWaiting >= MAX_OWN_WAITING) return false;
      this.#ownWaiting += 1;
    } else if (this.#waiting.length - this.#next - this.#ownWaiting >= this.#maxLength) {
      return false;
    }
    this.#waiting.push(message);
    if (!this.#isRunning) void this.#run();
    return true;
  }

  /** Closes the mailbox and returns the messages that waited. The one being handled is not interrupted. */
  close(): readonly Message[] {
    this.#isClosed = true;
    const dropped = this.#waiting.slice(this.#next);
    this.#waiting = [];
    this.#next = 0;
    this.#ownWaiting = 0;
    return dropped;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    for (;;) {
      const message = this.#waiting[this.#next];
      if (message === undefined) break;
      this.#next += 1;
      if (this.#isOwn(message)) this.#ownWaiting -= 1;
      this.#trim();
      await this.#handle(message);
    }
    this.#isRunning = false;
  }

  /** Removes handled messages, many at once: removing each by itself would move all others each time. */
  #trim(): void {
    if (this.#next === this.#waiting.length) this.#waiting.length = 0;
    else if (this.#next > MAX_HANDLED) this.#waiting = this.#waiting.slice(this.#next);
    else return;
    this.#next = 0;
  }
}

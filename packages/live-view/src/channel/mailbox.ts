/**
 * Most messages of a view's own that wait: far more than a view works through. A view whose handler
 * is slower than what it sends itself would otherwise fill the memory.
 */
const MAX_OWN_WAITING = 10_000;
/** Handled messages that are kept at the beginning of the list, so that few of them move. */
const MAX_HANDLED = 1024;

/**
 * Runs one view's messages strictly one after the other, async handlers included: replies and diffs
 * leave in the order in which their messages came.
 */
export class Mailbox<Message> {
  readonly #handle: (message: Message) => Promise<void>;
  readonly #isOwn: (message: Message) => boolean;
  readonly #maxLength: number;
  #waiting: Message[] = [];
  /** Where the first that waits stands in the list. */
  #next = 0;
  #ownWaiting = 0;
  #isRunning = false;
  #isClosed = false;

  /**
   * `maxLength` holds for the client's messages; the view's own (`isOwn`) do not count against them.
   * `handle` must not reject: what a message did wrong is its own business.
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

  /** Whether the next message is handled at once. */
  get isIdle(): boolean {
    return !this.#isRunning;
  }

  /** `false` if the mailbox is full or closed; then the message was not taken. */
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

  /**
   * Takes nothing more, and gives back what waited. The message being handled is not interrupted.
   */
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

  /** Lets go of what was handled. Shifting one after the other would move all others each time. */
  #trim(): void {
    if (this.#next === this.#waiting.length) this.#waiting.length = 0;
    else if (this.#next > MAX_HANDLED) this.#waiting = this.#waiting.slice(this.#next);
    else return;
    this.#next = 0;
  }
}

/**
 * Runs one view's messages strictly one after the other, async handlers included: replies and diffs
 * leave in the order in which their messages came.
 */
export class Mailbox<Message> {
  readonly #handle: (message: Message) => Promise<void>;
  readonly #maxLength: number;
  #waiting: Message[] = [];
  #isRunning = false;
  #isClosed = false;

  /** `handle` must not reject: what a message did wrong is its own business. */
  constructor(maxLength: number, handle: (message: Message) => Promise<void>) {
    this.#maxLength = maxLength;
    this.#handle = handle;
  }

  /** `false` if the mailbox is full or closed; then the message was not taken. */
  post(message: Message): boolean {
    if (this.#isClosed || this.#waiting.length >= this.#maxLength) return false;
    this.#waiting.push(message);
    if (!this.#isRunning) void this.#run();
    return true;
  }

  /** Drops what waits and takes nothing more. The message being handled is not interrupted. */
  close(): void {
    this.#isClosed = true;
    this.#waiting = [];
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    // Taking whole batches keeps this linear: shifting a long array is not.
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      for (const message of batch) {
        if (this.#isClosed) break;
        await this.#handle(message);
      }
    }
    this.#isRunning = false;
  }
}

import type { ConnectionParts } from "./redis-connection.ts";
import {
  errorOf,
  isUnknownScript,
  notConnected,
  RedisReplyError,
  timedOut,
} from "./redis-errors.ts";
import type { CommandArguments, RedisLink } from "./redis-link.ts";
import type { RedisScript } from "./redis-script.ts";

/** One run of a script. */
export interface ScriptRun {
  /** The adapter's method, for messages. */
  readonly operation: string;
  readonly script: RedisScript;
  readonly keys: readonly [string, ...string[]];
  readonly args: CommandArguments;
  /** What it takes while it waits, in bytes, roughly. */
  readonly byteLength: number;
  /** Told of a reply that came after the call was given up. */
  readonly onLateReply?: ((reply: unknown) => void) | undefined;
}

/** A run on its way, and the bounded wait for its reply. */
export class ScriptCall {
  readonly #parts: ConnectionParts;
  readonly #link: RedisLink;
  readonly #run: ScriptRun;
  readonly #resolve: (reply: unknown) => void;
  readonly #reject: (error: Error) => void;
  #timer: NodeJS.Timeout | undefined;
  /** Takes it back if it is still in the client; not made where it is written at once. */
  #abandon: AbortController | undefined;
  #isLate = false;

  constructor(
    parts: ConnectionParts,
    link: RedisLink,
    run: ScriptRun,
    resolve: (reply: unknown) => void,
    reject: (error: Error) => void,
  ) {
    this.#parts = parts;
    this.#link = link;
    this.#run = run;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Sends it, and settles in `timeoutMs` at the latest. */
  start(): void {
    const { outage, queue, timeoutMs } = this.#parts;
    const { script, keys, args, byteLength } = this.#run;
    if (!this.#link.isReady || outage.isOn) this.#abandon = new AbortController();
    this.#timer = setTimeout(() => this.#giveUp(), timeoutMs);
    queue.enter(byteLength);
    this.#send(["EVALSHA", script.sha, String(keys.length), ...keys, ...args]).then(
      (reply) => this.#replied(reply),
      (thrown: unknown) => this.#failedByName(thrown),
    );
  }

  #send(command: CommandArguments): Promise<unknown> {
    return this.#link.send(this.#run.keys[0], command, this.#abandon?.signal);
  }

  #replied(reply: unknown): void {
    this.#parts.outage.end();
    this.#settle();
    if (this.#isLate) this.#run.onLateReply?.(reply);
    else this.#resolve(reply);
  }

  #failedByName(thrown: unknown): void {
    if (!isUnknownScript(thrown)) {
      this.#failed(thrown);
      return;
    }
    // The first time, and after Redis was restarted.
    const { script, keys, args } = this.#run;
    this.#send(["EVAL", script.source, String(keys.length), ...keys, ...args]).then(
      (reply) => this.#replied(reply),
      (again: unknown) => this.#failed(again),
    );
  }

  #failed(thrown: unknown): void {
    this.#settle();
    const error = errorOf(this.#run.operation, thrown);
    if (error instanceof RedisReplyError) {
      this.#parts.outage.end();
      this.#parts.uplink.replied(error.replyCode);
    }
    if (!this.#isLate) this.#reject(error);
  }

  #settle(): void {
    clearTimeout(this.#timer);
    this.#parts.queue.leave(this.#run.byteLength);
  }

  #giveUp(): void {
    const { timeoutMs, outage } = this.#parts;
    const { operation } = this.#run;
    this.#isLate = true;
    outage.begin();
    this.#reject(
      this.#link.isReady ? timedOut(operation, timeoutMs) : notConnected(operation, outage.cause),
    );
    this.#abandon?.abort();
  }
}

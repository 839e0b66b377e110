import type { StashError } from "live-stash";
import type { Outage } from "./outage.ts";
import {
  away,
  closed,
  errorOf,
  isUnknownScript,
  notConnected,
  RedisReplyError,
  timedOut,
} from "./redis-errors.ts";
import type { CommandArguments, RedisLink } from "./redis-link.ts";
import type { RedisScript } from "./redis-script.ts";
import type { SendQueue } from "./send-queue.ts";
import type { Uplink } from "./uplink.ts";

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

export interface ConnectionSettings {
  readonly timeoutMs: number;
  readonly queue: SendQueue;
  readonly uplink: Uplink;
  readonly outage: Outage;
}

/** From this many timeouts on, an outage is a fact: calls fail at once, save for one that tries. */
const TIMEOUTS_OF_PATIENCE = 5;

/** Runs scripts in bounded time, whatever Redis does. */
export class RedisConnection {
  readonly #settings: ConnectionSettings;
  #isClosed = false;
  /** Ends the wait of `close()` for calls under way. */
  #stopWaiting = (): void => {};

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
  }

  /** The reply. Rejects with a `StashError` after `timeoutMs` at the latest. */
  run(run: ScriptRun): Promise<unknown> {
    const { operation, byteLength, onLateReply } = run;
    const { timeoutMs, queue, uplink, outage } = this.#settings;
    if (this.#isClosed) return Promise.reject(closed(operation));
    // First of all: it also lets go of a connection that is stuck, and with it of what waits there.
    const link = uplink.link();
    const refusal = this.#refusal(run);
    if (refusal !== undefined) return Promise.reject(refusal);
    // Aborting costs a listener for each command, and only what waits in the client can be aborted.
    const isWrittenAtOnce = link.isReady && !outage.isOn;
    const abandon = isWrittenAtOnce ? undefined : new AbortController();
    queue.enter(byteLength);
    return new Promise((resolve, reject) => {
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        outage.begin();
        reject(
          link.isReady ? timedOut(operation, timeoutMs) : notConnected(operation, outage.cause),
        );
        abandon?.abort();
        this.#stopWaiting();
      }, timeoutMs);
      const settle = (): void => {
        clearTimeout(timer);
        queue.leave(byteLength);
        if (queue.isEmpty) this.#stopWaiting();
      };
      this.#send(link, run, abandon?.signal).then(
        (reply) => {
          outage.end();
          settle();
          if (isLate) onLateReply?.(reply);
          else resolve(reply);
        },
        (thrown: unknown) => {
          settle();
          const error = this.#isClosed ? closed(operation) : errorOf(operation, thrown);
          if (error instanceof RedisReplyError) {
            outage.end();
            uplink.replied(error.replyCode);
          }
          if (!isLate) reject(error);
        },
      );
    });
  }

  /** Waits for the calls under way, no longer than for an answer, and ends what is its own. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { queue, outage, uplink } = this.#settings;
    if (!queue.isEmpty && !outage.isOn) {
      await new Promise<void>((resolve) => {
        this.#stopWaiting = resolve;
      });
    }
    uplink.close();
  }

  #refusal({ operation, byteLength }: ScriptRun): StashError | undefined {
    const { timeoutMs, queue, outage } = this.#settings;
    const lastsMs = outage.lastsMs();
    if (lastsMs >= TIMEOUTS_OF_PATIENCE * timeoutMs && !queue.isEmpty) {
      return away(operation, lastsMs, outage.cause);
    }
    return queue.refusal(operation, byteLength);
  }

  async #send(
    link: RedisLink,
    { script, keys, args }: ScriptRun,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    const [key] = keys;
    const rest = [String(keys.length), ...keys, ...args];
    try {
      return await link.send(key, ["EVALSHA", script.sha, ...rest], signal);
    } catch (error) {
      if (!isUnknownScript(error)) throw error;
      // The first time, and after Redis was restarted.
      return link.send(key, ["EVAL", script.source, ...rest], signal);
    }
  }
}

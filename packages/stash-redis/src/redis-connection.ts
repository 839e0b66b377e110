import type { StashError } from "live-stash";
import type { Outage } from "./outage.ts";
import { away, closed } from "./redis-errors.ts";
import { ScriptCall, type ScriptRun } from "./script-call.ts";
import type { SendQueue } from "./send-queue.ts";
import type { Uplink } from "./uplink.ts";

export interface ConnectionParts {
  readonly timeoutMs: number;
  readonly queue: SendQueue;
  readonly uplink: Uplink;
  readonly outage: Outage;
}

/** From this many timeouts on, an outage is a fact: calls fail at once, save for one that tries. */
const TIMEOUTS_OF_PATIENCE = 5;

/** Runs scripts in bounded time, whatever Redis does. */
export class RedisConnection {
  readonly #parts: ConnectionParts;
  #isClosed = false;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
  }

  /** The reply. Rejects with a `StashError` after `timeoutMs` at the latest. */
  run(run: ScriptRun): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(closed(run.operation));
    // First of all: it also lets go of a connection that is stuck, and with it of what waits there.
    const link = this.#parts.uplink.link();
    const refusal = this.#refusal(run);
    if (refusal !== undefined) return Promise.reject(refusal);
    return new Promise((resolve, reject) => {
      new ScriptCall(this.#parts, link, run, resolve, reject).start();
    });
  }

  /** Waits for the calls under way, no longer than for an answer, and ends what is its own. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { queue, outage, uplink } = this.#parts;
    if (!outage.isOn) await Promise.race([queue.whenEmpty(), outage.whenOn()]);
    uplink.close();
  }

  #refusal({ operation, byteLength }: ScriptRun): StashError | undefined {
    const { timeoutMs, queue, outage } = this.#parts;
    const lastsMs = outage.lastsMs();
    if (lastsMs >= TIMEOUTS_OF_PATIENCE * timeoutMs && !queue.isEmpty) {
      return away(operation, lastsMs, outage.cause);
    }
    return queue.refusal(operation, byteLength);
  }
}

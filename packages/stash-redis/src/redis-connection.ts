import type { StashError } from "live-stash";
import { away, closed } from "./redis-errors.ts";
import { ScriptBatch } from "./script-batch.ts";
import { type ConnectionParts, ScriptCall } from "./script-call.ts";
import type { AwaitedRun, ScriptRun } from "./script-run.ts";

/** From this many timeouts on, an outage is a fact: calls fail at once, save for one that tries. */
const TIMEOUTS_OF_PATIENCE = 5;

/** Runs scripts in bounded time, whatever Redis does. */
export class RedisConnection {
  readonly #parts: ConnectionParts;
  readonly #batch: ScriptBatch;
  #isClosed = false;
  /** Calls on a durable connection that are not over. */
  #underWay = 0;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    this.#batch = new ScriptBatch(
      parts.isCluster,
      (runs) => this.#send(runs),
      // One wait for all saves that came during the one before: each would hold up those after it.
      () => this.#underWay > 0,
    );
  }

  /** The reply. Rejects with a `StashError` after `timeoutMs` at the latest. */
  run(run: ScriptRun): Promise<unknown> {
    const refusal = this.#refusal(run);
    if (refusal !== undefined) return Promise.reject(refusal);
    const { queue } = this.#parts;
    // Where nothing is under way, waiting for company would only take time.
    const isAlone = queue.isEmpty;
    queue.enter(run.byteLength);
    return new Promise((resolve, reject) => {
      const awaited: AwaitedRun =
        this.#parts.durability === undefined
          ? { run, resolve, reject }
          : { run, resolve, reject, sinceMs: performance.now() };
      if (isAlone) this.#send([awaited]);
      else this.#batch.add(awaited);
    });
  }

  /** Waits for the calls under way, no longer than for an answer, and ends what is its own. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#batch.flush();
    const { queue, outage, uplink } = this.#parts;
    if (!outage.isOn) await Promise.race([queue.whenEmpty(), outage.whenOn()]);
    uplink.close();
  }

  #send(runs: readonly [AwaitedRun, ...AwaitedRun[]]): void {
    const { uplink, durability } = this.#parts;
    const call = new ScriptCall(this.#parts, uplink.link(), runs);
    if (durability === undefined) {
      call.start();
      return;
    }
    this.#underWay += 1;
    call.start(() => {
      this.#underWay -= 1;
      if (this.#underWay === 0) this.#batch.flush();
    });
  }

  #refusal({ operation, byteLength }: ScriptRun): StashError | undefined {
    const { timeoutMs, queue, outage, uplink } = this.#parts;
    if (this.#isClosed) return closed(operation);
    const lastsMs = outage.lastsMs();
    if (lastsMs >= TIMEOUTS_OF_PATIENCE * timeoutMs) {
      uplink.refresh();
      if (!queue.isEmpty) return away(operation, lastsMs, outage.cause);
    }
    return queue.refusal(operation, byteLength);
  }
}

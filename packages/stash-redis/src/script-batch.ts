import type { RedisScript } from "./redis-script.ts";
import type { AwaitedRun } from "./script-run.ts";

type Runs = [AwaitedRun, ...AwaitedRun[]];

/** More than this, and Redis would be busy with copying. A larger run goes alone. */
const MAX_BATCH_BYTES = 262_144;

/**
 * Collects what is to be done in one turn of the event loop, so that one command does it: most of a
 * short script's cost, here and in Redis, is in the command and not in its keys. The order is kept.
 */
export class ScriptBatch {
  readonly #isSingle: boolean;
  readonly #send: (runs: Runs) => void;
  readonly #isHeld: () => boolean;
  #script: RedisScript | undefined;
  #runs: AwaitedRun[] = [];
  #bytes = 0;
  #scheduled: NodeJS.Immediate | undefined;

  /**
   * @param isSingle each run goes alone, for one command must not have two keys
   * @param isHeld whether what has been collected waits for `flush`, unless it is a full batch
   */
  constructor(isSingle: boolean, send: (runs: Runs) => void, isHeld = (): boolean => false) {
    this.#isSingle = isSingle;
    this.#send = send;
    this.#isHeld = isHeld;
  }

  add(awaited: AwaitedRun): void {
    if (this.#isSingle) {
      this.#send([awaited]);
      return;
    }
    const { script, byteLength } = awaited.run;
    if (script !== this.#script || this.#bytes + byteLength > MAX_BATCH_BYTES) this.flush();
    this.#script = script;
    this.#runs.push(awaited);
    this.#bytes += byteLength;
    if (this.#runs.length === script.maxKeys) this.flush();
    else if (!this.#isHeld()) this.#scheduled ??= setImmediate(() => this.flush());
  }

  /** Sends what has been collected. */
  flush(): void {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    const [first, ...others] = this.#runs;
    this.#runs = [];
    this.#bytes = 0;
    if (first !== undefined) this.#send([first, ...others]);
  }
}

import type { RedisScript } from "./lua/script.ts";

/** One run of a script on one key. */
export interface ScriptRun {
  /** The adapter's method, for error messages. */
  readonly operation: string;
  readonly script: RedisScript;
  readonly key: string;
  /** The script's arguments for this key. */
  readonly args: readonly (string | Buffer)[];
  /** The approximate memory that the run takes until it is answered, in bytes. */
  readonly byteLength: number;
  /** Whether the run must be confirmed as the option `durability` asks, if that is set. */
  readonly isDurable?: boolean;
}

/** A run that has not been answered, with the functions that settle its promise. */
export interface PendingRun {
  readonly run: ScriptRun;
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: Error) => void;
  /** The start of the time limit, on the clock of `performance.now()`. Default: when the run is sent. */
  readonly startedAtMs?: number;
}

/** Runs of one script that are sent as one command. */
export type Runs = readonly [PendingRun, ...PendingRun[]];

/**
 * The largest batch, in bytes: bounded because Redis executes nothing else while it copies the values.
 * A larger run is sent alone.
 */
const MAX_BATCH_BYTES = 262_144;

/**
 * Collects the runs of one tick of the event loop, so that one command executes them: most of a short
 * script's cost, here and in Redis, is per command and not per key. Runs keep their order.
 */
export class ScriptBatch {
  readonly #isSingle: boolean;
  readonly #send: (runs: Runs) => void;
  readonly #isHeld: () => boolean;
  #script: RedisScript | undefined;
  #runs: PendingRun[] = [];
  #bytes = 0;
  #scheduled: NodeJS.Immediate | undefined;

  /**
   * @param isSingle sends each run alone, for servers that refuse a command with two keys
   * @param isHeld whether the batch waits for `flush` even after the tick, unless it is full
   */
  constructor(isSingle: boolean, send: (runs: Runs) => void, isHeld = (): boolean => false) {
    this.#isSingle = isSingle;
    this.#send = send;
    this.#isHeld = isHeld;
  }

  add(pending: PendingRun): void {
    if (this.#isSingle) {
      this.#send([pending]);
      return;
    }
    const { script, byteLength } = pending.run;
    if (script !== this.#script || this.#bytes + byteLength > MAX_BATCH_BYTES) this.flush();
    this.#script = script;
    this.#runs.push(pending);
    this.#bytes += byteLength;
    if (this.#runs.length === script.maxKeys) this.flush();
    else if (!this.#isHeld()) this.#scheduled ??= setImmediate(() => this.flush());
  }

  /** Sends the runs collected so far. */
  flush(): void {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    const [first, ...others] = this.#runs;
    this.#runs = [];
    this.#bytes = 0;
    if (first !== undefined) this.#send([first, ...others]);
  }
}

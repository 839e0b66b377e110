import type { StashError } from "live-stash";
import { type Clock, startTimeLimit } from "live-stash/adapter";
import { ErrorReply } from "redis";
import { type Durability, shortfall, waitCommands } from "./durability.ts";
import { readOutcome, type RedisScript } from "./lua/script.ts";
import { manageClient, type ManagedClient, Outage } from "./managed-client.ts";
import type { ClientSource, CommandArguments, CommandClient } from "./redis-client.ts";
import {
  adapterClosed,
  errorOf,
  fsyncUnsupported,
  isRedirection,
  isUnknownScript,
  notConnected,
  notDurable,
  outageLasts,
  RedisReplyError,
  timedOut,
  unexpectedReply,
} from "./redis-errors.ts";
import { type PendingRun, type Runs, ScriptBatch, type ScriptRun } from "./script-batch.ts";
import { SendQueue } from "./send-queue.ts";

export interface RunnerOptions {
  readonly source: ClientSource;
  readonly timeoutMs: number;
  readonly maxQueueLength: number;
  readonly maxQueueBytes: number;
  readonly clock: Clock;
  /** Whether Redis is a cluster, which refuses a command whose keys are on different nodes. */
  readonly isCluster: boolean;
  /** The confirmations that durable runs wait for. */
  readonly durability: Durability | undefined;
}

/** The outage, in timeouts, after which only one call at a time is sent. A shorter one may be a stall. */
const TIMEOUTS_UNTIL_OUTAGE = 5;
/**
 * The silence in an outage, in timeouts, after which the client is replaced. Twice the outage limit: if
 * the connection works, Redis has answered one of the probing calls by then.
 */
const TIMEOUTS_UNTIL_STUCK = 10;

/**
 * Runs scripts in bounded time, whatever Redis does. The story of one run:
 *
 * 1. `run` rejects at once if the runner is closed, an outage lasts or the queue is full.
 * 2. If nothing is in flight, the run is sent alone; otherwise it joins the batch of this tick.
 * 3. A `ScriptCall` sends the batch as one command, over a client that connects when it is first used.
 * 4. The reply, an error or the end of `timeoutMs` settles each run of the batch.
 */
export class ScriptRunner {
  readonly #parts: CallParts;
  readonly #batch: ScriptBatch;
  #isClosed = false;
  /** The number of unsettled calls; counted with `durability` only. */
  #callsInFlight = 0;

  constructor(options: RunnerOptions) {
    const { source, timeoutMs, maxQueueLength, maxQueueBytes, clock, isCluster, durability } =
      options;
    const outage = new Outage();
    const client = manageClient(source, outage, TIMEOUTS_UNTIL_STUCK * timeoutMs);
    const queue = new SendQueue(maxQueueLength, maxQueueBytes);
    this.#parts = { timeoutMs, clock, durability, outage, client, queue };
    this.#batch = new ScriptBatch(
      isCluster,
      (runs) => this.#send(runs),
      // A wait for replicas delays all later commands: saves that arrive meanwhile are batched into the next
      // command.
      () => this.#callsInFlight > 0,
    );
  }

  /** Resolves with the script's reply; rejects with a `StashError` after `timeoutMs` at the latest. */
  run(run: ScriptRun): Promise<unknown> {
    const error = this.#immediateError(run);
    if (error !== undefined) return Promise.reject(error);
    const { queue, durability } = this.#parts;
    // If nothing is in flight, send at once: batching would only add latency.
    const isAlone = queue.isEmpty;
    queue.enter(run.byteLength);
    return new Promise((resolve, reject) => {
      const pending: PendingRun =
        durability === undefined
          ? { run, resolve, reject }
          : { run, resolve, reject, startedAtMs: performance.now() };
      if (isAlone) this.#send([pending]);
      else this.#batch.add(pending);
    });
  }

  #immediateError({ operation, byteLength }: ScriptRun): StashError | undefined {
    if (this.#isClosed) return adapterClosed(operation);
    const { timeoutMs, outage, client, queue } = this.#parts;
    if (outage.isOn && outage.durationMs() >= TIMEOUTS_UNTIL_OUTAGE * timeoutMs) {
      client.closeIfStuck();
      if (!queue.isEmpty) return outageLasts(operation, outage.durationMs(), outage.cause);
    }
    return queue.errorIfFull(operation, byteLength);
  }

  #send(runs: Runs): void {
    const { client, durability } = this.#parts;
    const call = new ScriptCall(this.#parts, client.current(), runs);
    if (durability === undefined) {
      call.start();
      return;
    }
    this.#callsInFlight += 1;
    call.start(() => {
      this.#callsInFlight -= 1;
      if (this.#callsInFlight === 0) this.#batch.flush();
    });
  }

  /** Waits until the calls in flight are answered or time out, then closes the adapter's own client. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#batch.flush();
    const { queue, outage, client } = this.#parts;
    if (!outage.isOn) await Promise.race([queue.whenEmpty(), outage.whenBegun()]);
    client.close();
  }
}

/** The parts of a runner that its calls use. */
interface CallParts extends Pick<RunnerOptions, "timeoutMs" | "clock" | "durability"> {
  readonly outage: Outage;
  readonly client: ManagedClient;
  readonly queue: SendQueue;
}

/** One command to Redis: runs of one script, and the bounded wait for their replies. */
class ScriptCall {
  readonly #parts: CallParts;
  readonly #client: CommandClient;
  readonly #script: RedisScript;
  readonly #runs: Runs;
  #endTimeLimit = (): void => {};
  /** Withdraws the command if it is still unwritten; absent if the client writes it at once. */
  #withdrawal: AbortController | undefined;
  #hasTimedOut = false;
  /** The confirmation that a save lacks, as `durability` asks for it. */
  #shortfall: string | undefined;
  #onSettled: (() => void) | undefined;

  constructor(parts: CallParts, client: CommandClient, runs: Runs) {
    this.#parts = parts;
    this.#client = client;
    this.#runs = runs;
    this.#script = runs[0].run.script;
  }

  /**
   * Sends the command, and settles all runs within `timeoutMs`.
   *
   * @param onSettled called once, when all runs are settled
   */
  start(onSettled?: () => void): void {
    this.#onSettled = onSettled;
    const { outage, timeoutMs } = this.#parts;
    const { startedAtMs } = this.#runs[0];
    const spentMs = startedAtMs === undefined ? 0 : performance.now() - startedAtMs;
    if (outage.isOn || !this.#client.isReady) this.#withdrawal = new AbortController();
    this.#endTimeLimit = startTimeLimit(Math.max(1, timeoutMs - spentMs), () => this.#timeOut());
    this.#send("EVALSHA", this.#script.sha).then(
      (replies) => this.#answer(replies),
      (error: unknown) => {
        if (isUnknownScript(error)) this.#sendSource();
        else this.#fail(error);
      },
    );
  }

  /** Sends the script itself, because Redis has never received it or was restarted since. */
  #sendSource(): void {
    this.#send("EVAL", this.#script.source).then(
      (replies) => this.#answer(replies),
      (error: unknown) => this.#fail(error),
    );
  }

  #send(name: "EVAL" | "EVALSHA", script: string): Promise<unknown> {
    const sentAtMs = String(this.#parts.clock.now());
    const command: (string | Buffer)[] = [name, script, String(this.#runs.length)];
    for (const { run } of this.#runs) command.push(run.key);
    command.push(sentAtMs);
    for (const { run } of this.#runs) command.push(...run.args);
    const { durability } = this.#parts;
    const [{ run }] = this.#runs;
    return durability !== undefined && run.isDurable === true
      ? this.#sendAndWait(command, durability)
      : this.#client.send(run.key, command, this.#withdrawal?.signal);
  }

  /** Sends the command, and `WAIT` over the same connection, because `WAIT` covers only writes of its own connection. */
  async #sendAndWait(
    command: CommandArguments,
    durability: Durability,
    isRedirected = false,
  ): Promise<unknown> {
    const { key } = this.#runs[0].run;
    try {
      const commands = [command, ...waitCommands(durability)];
      const [reply, ...confirmations] = await this.#client.sendAll(key, commands);
      this.#shortfall = shortfall(durability, confirmations);
      return reply;
    } catch (error) {
      if (isRedirected || !isRedirection(error)) throw error;
      // A single command follows the redirection, so the client learns which node has the key now.
      // The save is idempotent, so it can be sent there again.
      await this.#client.send(key, command, this.#withdrawal?.signal);
      return this.#sendAndWait(command, durability, true);
    }
  }

  #answer(replies: unknown): void {
    this.#parts.outage.end();
    this.#endTimeLimit();
    const each: readonly unknown[] = Array.isArray(replies) ? replies : [];
    this.#runs.forEach((pending, index) => {
      const reply = each[index];
      const error = this.#errorIn(reply, pending.run.operation);
      if (error === undefined) this.#resolve(pending, reply);
      else this.#reject(pending, error);
    });
    this.#notifySettled();
  }

  #errorIn(reply: unknown, operation: string): StashError | undefined {
    if (reply instanceof ErrorReply) return errorOf(operation, reply);
    if (reply === undefined) return unexpectedReply(operation);
    if (this.#shortfall === undefined || readOutcome(reply) !== "done") return undefined;
    const { timeoutMs } = this.#parts.durability ?? this.#parts;
    return notDurable(operation, timeoutMs, this.#shortfall);
  }

  #fail(error: unknown): void {
    this.#endTimeLimit();
    if (error instanceof ErrorReply) this.#parts.outage.end();
    for (const pending of this.#runs) {
      const { operation } = pending.run;
      this.#reject(pending, fsyncUnsupported(operation, error) ?? errorOf(operation, error));
    }
    this.#notifySettled();
  }

  #timeOut(): void {
    const { timeoutMs, outage } = this.#parts;
    this.#hasTimedOut = true;
    outage.begin();
    for (const { run, reject } of this.#runs) {
      const { operation } = run;
      reject(
        this.#client.isReady
          ? timedOut(operation, timeoutMs)
          : notConnected(operation, outage.cause),
      );
    }
    this.#withdrawal?.abort();
    this.#notifySettled();
  }

  #resolve({ run, resolve }: PendingRun, reply: unknown): void {
    this.#parts.queue.leave(run.byteLength);
    if (!this.#hasTimedOut) resolve(reply);
  }

  #reject({ run, reject }: PendingRun, error: Error): void {
    this.#parts.queue.leave(run.byteLength);
    if (error instanceof RedisReplyError) this.#parts.client.onErrorReply(error.replyCode);
    if (!this.#hasTimedOut) reject(error);
  }

  #notifySettled(): void {
    const onSettled = this.#onSettled;
    this.#onSettled = undefined;
    onSettled?.();
  }
}

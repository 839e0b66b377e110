import { ErrorReply } from "redis";
import { type Clock, startTimeLimit } from "live-stash/adapter";
import { type Durability, shortfall, waitCommands } from "./durability.ts";
import type { Outage } from "./outage.ts";
import {
  cannotWait,
  errorOf,
  isRedirection,
  isUnknownScript,
  notConnected,
  notDurable,
  RedisReplyError,
  timedOut,
} from "./redis-errors.ts";
import type { CommandArguments, RedisLink } from "./redis-link.ts";
import type { RedisScript } from "./redis-script.ts";
import type { AwaitedRun } from "./script-run.ts";
import { isDone, unexpectedReply } from "./script-replies.ts";
import type { SendQueue } from "./send-queue.ts";
import type { Uplink } from "./uplink.ts";

/** What all calls over one connection share. */
export interface ConnectionParts {
  readonly timeoutMs: number;
  readonly queue: SendQueue;
  readonly uplink: Uplink;
  readonly outage: Outage;
  readonly clock: Clock;
  /** A script runs on one node of a cluster, and two keys are as a rule on two. */
  readonly isCluster: boolean;
  /** What saves wait for. */
  readonly durability: Durability | undefined;
}

/** Runs of one script that go to Redis as one command, and the bounded wait for its reply. */
export class ScriptCall {
  readonly #parts: ConnectionParts;
  readonly #link: RedisLink;
  readonly #script: RedisScript;
  readonly #runs: readonly AwaitedRun[];
  readonly #firstKey: string;
  #endLimit = (): void => {};
  /** Takes it back if it is still in the client; not made where it is written at once. */
  #abandon: AbortController | undefined;
  #isLate = false;
  /** Why a save that was done does not count yet. */
  #shortfall: string | undefined;
  #onOver: (() => void) | undefined;

  constructor(
    parts: ConnectionParts,
    link: RedisLink,
    runs: readonly [AwaitedRun, ...AwaitedRun[]],
  ) {
    this.#parts = parts;
    this.#link = link;
    this.#runs = runs;
    this.#script = runs[0].run.script;
    this.#firstKey = runs[0].run.key;
  }

  /**
   * Sends it, and settles all runs in `timeoutMs` at the latest.
   *
   * @param onOver called once, when they are settled
   */
  start(onOver?: () => void): void {
    const { outage, timeoutMs } = this.#parts;
    const { sinceMs } = this.#runs[0] ?? {};
    const spentMs = sinceMs === undefined ? 0 : performance.now() - sinceMs;
    this.#onOver = onOver;
    if (!this.#link.isReady || outage.isOn) this.#abandon = new AbortController();
    this.#endLimit = startTimeLimit(Math.max(1, timeoutMs - spentMs), () => this.#giveUp());
    this.#send("EVALSHA", this.#script.sha).then(
      (replies) => this.#answered(replies),
      (thrown: unknown) => this.#failedByName(thrown),
    );
  }

  #send(name: "EVAL" | "EVALSHA", script: string): Promise<unknown> {
    const sentAtMs = String(this.#parts.clock.now());
    const command: (string | Buffer)[] = [name, script, String(this.#runs.length)];
    for (const { run } of this.#runs) command.push(run.key);
    command.push(sentAtMs);
    for (const { run } of this.#runs) command.push(...run.args);
    const { durability } = this.#parts;
    if (durability !== undefined && this.#runs[0]?.run.isDurable === true) {
      return this.#sendAndWait(command, false);
    }
    return this.#link.send(this.#firstKey, command, this.#abandon?.signal);
  }

  /** The wait is for what its own connection wrote, so both go over the same one. */
  async #sendAndWait(command: CommandArguments, isRedirected: boolean): Promise<unknown> {
    const { durability } = this.#parts;
    if (durability === undefined) return undefined;
    const commands = [command, ...waitCommands(durability)];
    try {
      const [reply, ...waited] = await this.#link.sendAll(this.#firstKey, commands);
      this.#shortfall = shortfall(durability, waited);
      return reply;
    } catch (error) {
      if (isRedirected || !isRedirection(error)) throw error;
      // Finds the node that has the key now. To write the same there once more changes nothing.
      await this.#link.send(this.#firstKey, command, this.#abandon?.signal);
      return this.#sendAndWait(command, true);
    }
  }

  #failedByName(thrown: unknown): void {
    if (!isUnknownScript(thrown)) {
      this.#failed(thrown);
      return;
    }
    // The first time, and after Redis was restarted.
    this.#send("EVAL", this.#script.source).then(
      (replies) => this.#answered(replies),
      (again: unknown) => this.#failed(again),
    );
  }

  #answered(replies: unknown): void {
    this.#parts.outage.end();
    this.#endLimit();
    const each: readonly unknown[] = Array.isArray(replies) ? replies : [];
    this.#runs.forEach((awaited, index) => {
      const reply = each[index];
      const { operation } = awaited.run;
      if (reply instanceof ErrorReply) this.#refuse(awaited, errorOf(operation, reply));
      else if (reply === undefined) this.#refuse(awaited, unexpectedReply(operation));
      else if (this.#shortfall !== undefined && isDone(reply)) {
        const { timeoutMs } = this.#parts.durability ?? this.#parts;
        this.#refuse(awaited, notDurable(operation, timeoutMs, this.#shortfall));
      } else this.#answer(awaited, reply);
    });
    this.#over();
  }

  #answer({ run, resolve }: AwaitedRun, reply: unknown): void {
    this.#parts.queue.leave(run.byteLength);
    if (!this.#isLate) resolve(reply);
  }

  #failed(thrown: unknown): void {
    this.#endLimit();
    if (thrown instanceof ErrorReply) this.#parts.outage.end();
    for (const awaited of this.#runs) {
      const { operation } = awaited.run;
      this.#refuse(awaited, cannotWait(operation, thrown) ?? errorOf(operation, thrown));
    }
    this.#over();
  }

  #refuse({ run, reject }: AwaitedRun, error: Error): void {
    this.#parts.queue.leave(run.byteLength);
    if (error instanceof RedisReplyError) this.#parts.uplink.replied(error.replyCode);
    if (!this.#isLate) reject(error);
  }

  #giveUp(): void {
    const { timeoutMs, outage } = this.#parts;
    this.#isLate = true;
    outage.begin();
    for (const { run, reject } of this.#runs) {
      const { operation } = run;
      reject(
        this.#link.isReady ? timedOut(operation, timeoutMs) : notConnected(operation, outage.cause),
      );
    }
    this.#abandon?.abort();
    this.#over();
  }

  #over(): void {
    const onOver = this.#onOver;
    this.#onOver = undefined;
    onOver?.();
  }
}

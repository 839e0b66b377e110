import { ErrorReply } from "redis";
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
import type { AwaitedRun } from "./script-run.ts";
import { unexpectedReply } from "./script-replies.ts";

/** Runs of one script that go to Redis as one command, and the bounded wait for its reply. */
export class ScriptCall {
  readonly #parts: ConnectionParts;
  readonly #link: RedisLink;
  readonly #script: RedisScript;
  readonly #runs: readonly AwaitedRun[];
  readonly #firstKey: string;
  #timer: NodeJS.Timeout | undefined;
  /** Takes it back if it is still in the client; not made where it is written at once. */
  #abandon: AbortController | undefined;
  #isLate = false;

  constructor(
    parts: ConnectionParts,
    link: RedisLink,
    runs: readonly [AwaitedRun, ...AwaitedRun[]],
  ) {
    this.#parts = parts;
    this.#link = link;
    this.#runs = runs;
    this.#script = runs[0].script;
    this.#firstKey = runs[0].key;
  }

  /** Sends it, and settles all runs in `timeoutMs` at the latest. */
  start(): void {
    const { outage, timeoutMs } = this.#parts;
    if (!this.#link.isReady || outage.isOn) this.#abandon = new AbortController();
    this.#timer = setTimeout(() => this.#giveUp(), timeoutMs);
    this.#send("EVALSHA", this.#script.sha).then(
      (replies) => this.#answered(replies),
      (thrown: unknown) => this.#failedByName(thrown),
    );
  }

  #send(command: "EVAL" | "EVALSHA", script: string): Promise<unknown> {
    const sentAtMs = String(this.#parts.clock.now());
    const keys = this.#runs.map(({ key }) => key);
    const args: CommandArguments = this.#runs.flatMap(({ args }) => args);
    return this.#link.send(
      this.#firstKey,
      [command, script, String(keys.length), ...keys, sentAtMs, ...args],
      this.#abandon?.signal,
    );
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
    clearTimeout(this.#timer);
    const each: readonly unknown[] = Array.isArray(replies) ? replies : [];
    for (const [index, run] of this.#runs.entries()) {
      const reply = each[index];
      if (reply instanceof ErrorReply) this.#refuse(run, errorOf(run.operation, reply));
      else if (reply === undefined) this.#refuse(run, unexpectedReply(run.operation));
      else this.#answer(run, reply);
    }
  }

  #answer(run: AwaitedRun, reply: unknown): void {
    this.#parts.queue.leave(run.byteLength);
    if (this.#isLate) run.onLateReply?.(reply);
    else run.resolve(reply);
  }

  #failed(thrown: unknown): void {
    clearTimeout(this.#timer);
    if (thrown instanceof ErrorReply) this.#parts.outage.end();
    for (const run of this.#runs) this.#refuse(run, errorOf(run.operation, thrown));
  }

  #refuse(run: AwaitedRun, error: Error): void {
    this.#parts.queue.leave(run.byteLength);
    if (error instanceof RedisReplyError) this.#parts.uplink.replied(error.replyCode);
    if (!this.#isLate) run.reject(error);
  }

  #giveUp(): void {
    const { timeoutMs, outage } = this.#parts;
    this.#isLate = true;
    outage.begin();
    for (const { operation, reject } of this.#runs) {
      reject(
        this.#link.isReady ? timedOut(operation, timeoutMs) : notConnected(operation, outage.cause),
      );
    }
    this.#abandon?.abort();
  }
}

import { ErrorReply } from "redis";
import type { ConnectionParts } from "./redis-connection.ts";
import {
  errorOf,
  isUnknownScript,
  notConnected,
  RedisReplyError,
  timedOut,
} from "./redis-errors.ts";
import type { RedisLink } from "./redis-link.ts";
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
    this.#script = runs[0].run.script;
    this.#firstKey = runs[0].run.key;
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
    const words: (string | Buffer)[] = [command, script, String(this.#runs.length)];
    for (const { run } of this.#runs) words.push(run.key);
    words.push(sentAtMs);
    for (const { run } of this.#runs) words.push(...run.args);
    return this.#link.send(this.#firstKey, words, this.#abandon?.signal);
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
    this.#runs.forEach((awaited, index) => {
      const reply = each[index];
      const { operation } = awaited.run;
      if (reply instanceof ErrorReply) this.#refuse(awaited, errorOf(operation, reply));
      else if (reply === undefined) this.#refuse(awaited, unexpectedReply(operation));
      else this.#answer(awaited, reply);
    });
  }

  #answer({ run, resolve }: AwaitedRun, reply: unknown): void {
    this.#parts.queue.leave(run.byteLength);
    if (this.#isLate) run.onLateReply?.(reply);
    else resolve(reply);
  }

  #failed(thrown: unknown): void {
    clearTimeout(this.#timer);
    if (thrown instanceof ErrorReply) this.#parts.outage.end();
    for (const awaited of this.#runs) {
      this.#refuse(awaited, errorOf(awaited.run.operation, thrown));
    }
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
  }
}

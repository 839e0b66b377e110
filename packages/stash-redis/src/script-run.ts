import type { RedisScript } from "./redis-script.ts";

/** What a script is to do to one key. */
export interface ScriptRun {
  /** The adapter's method, for messages. */
  readonly operation: string;
  readonly script: RedisScript;
  readonly key: string;
  /** The script's arguments for this key. */
  readonly args: readonly (string | Buffer)[];
  /** What it takes while it waits, in bytes, roughly. */
  readonly byteLength: number;
  /** Whether it counts only with the option `durability`, if that is set. */
  readonly isDurable?: boolean;
}

/** A run, and who waits for its reply. */
export interface AwaitedRun {
  readonly run: ScriptRun;
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: Error) => void;
  /** When its time began, in ms of `performance.now()`. */
  readonly sinceMs?: number;
}

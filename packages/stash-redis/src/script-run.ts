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
  /** Told of a reply that came after the run was given up. */
  readonly onLateReply?: ((reply: unknown) => void) | undefined;
}

/** A run, and who waits for its reply. */
export interface AwaitedRun {
  readonly run: ScriptRun;
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: Error) => void;
}

import { ErrorReply } from "redis";
import { StashError } from "live-stash";

/** The function that the application calls, for error messages. */
export const CALLER = "createRedisAdapter";

/** The error for an error reply of Redis. */
export class RedisReplyError extends StashError {
  /** The first word of the reply, such as `OOM` or `NOPERM`. */
  readonly replyCode: string;

  constructor(operation: string, replyCode: string) {
    // The rest of the reply is left out: it may quote the command, and so keys and state.
    super(
      "adapter_unavailable",
      `${about(operation)} failed: expected Redis to run a script, got the error reply ` +
        `${replyCode}. ${adviceFor(replyCode)}`,
    );
    this.replyCode = replyCode;
  }
}

/** Creates the error of a call, from what the client rejected with. */
export function errorOf(operation: string, thrown: unknown): StashError {
  if (thrown instanceof StashError) return thrown;
  if (thrown instanceof ErrorReply) return new RedisReplyError(operation, replyCodeOf(thrown));
  return notConnected(operation, thrown);
}

export function timedOut(operation: string, timeoutMs: number): StashError {
  return new StashError(
    "adapter_timeout",
    `${about(operation)} failed: expected a reply within ${timeoutMs} ms, got none. Check Redis and ` +
      "the network, or raise timeoutMs.",
  );
}

export function notConnected(operation: string, cause: unknown): StashError {
  const reason =
    cause instanceof ErrorReply
      ? `the error reply ${replyCodeOf(cause)}. ${adviceFor(replyCodeOf(cause))}`
      : `none${cause === undefined ? "" : " (see cause)"}. Check that Redis runs where the options ` +
        "say; the adapter reconnects by itself.";
  return new StashError(
    "adapter_unavailable",
    `${about(operation)} failed: expected a connection to Redis, got ${reason}`,
    { cause: withoutReply(cause) },
  );
}

export function outageLasts(operation: string, outageMs: number, cause: unknown): StashError {
  return new StashError(
    "adapter_unavailable",
    `${about(operation)} failed: expected a connection on which Redis answers, got no answer for ` +
      `${Math.round(outageMs)} ms. Until it answers, only one call at a time is sent. Check Redis ` +
      "and the network.",
    { cause: withoutReply(cause) },
  );
}

export function queueFull(operation: string, limit: string): StashError {
  return new StashError(
    "adapter_unavailable",
    `${about(operation)} failed: expected at most ${limit} waiting for Redis, got more. Check whether ` +
      "Redis is slow or down; raise the limit only if it is neither.",
  );
}

export function adapterClosed(operation: string): StashError {
  return new StashError(
    "adapter_closed",
    `${about(operation)} failed: expected an open adapter, got a closed one. Close the adapter only ` +
      "after the server has stopped.",
  );
}

export function unexpectedReply(operation: string): StashError {
  return new StashError(
    "adapter_unavailable",
    `${about(operation)} failed: expected a reply of the adapter's script, got another. Check that ` +
      "the server is Redis or Valkey, and that the client's options do not transform replies.",
  );
}

export function unreadableValue(expected: string): StashError {
  return new StashError(
    "adapter_unavailable",
    `${about("load")} failed: expected ${expected}, got another value. Check that all nodes have the ` +
      "same options `encrypt` and `secret`; the stash expires by itself.",
  );
}

export function notDurable(operation: string, timeoutMs: number, found: string): StashError {
  return new StashError(
    "adapter_timeout",
    `${about(operation)} failed: expected the save confirmed as \`durability\` asks within ` +
      `${timeoutMs} ms, got ${found}. The save may have taken effect. Check the replicas, or raise ` +
      "durability.timeoutMs.",
  );
}

/** Creates the error for a server without support for `durability.fsync`; `undefined` for all else. */
export function fsyncUnsupported(operation: string, thrown: unknown): StashError | undefined {
  if (!(thrown instanceof ErrorReply)) return undefined;
  const { message } = thrown;
  const isUnknown = /unknown command/i.test(message) && /WAIT/i.test(message);
  const isWithoutLog = /WAITAOF cannot be used when numlocal/i.test(message);
  if (!isUnknown && !isWithoutLog) return undefined;
  const [expected, found, advice] = isUnknown
    ? ["a server that knows WAITAOF", "one that does not", "Use Redis 7.2, Valkey or newer"]
    : ["a server with `appendonly yes`", "one without", "Turn that on"];
  return new StashError(
    "adapter_unavailable",
    `${about(operation)} failed: expected ${expected}, as durability.fsync is set, got ${found}. ` +
      `${advice}, or leave durability.fsync out. The save may have taken effect.`,
  );
}

/** Whether Redis does not have the script that was called by its SHA-1. */
export function isUnknownScript(thrown: unknown): boolean {
  return thrown instanceof ErrorReply && thrown.message.startsWith("NOSCRIPT");
}

/** Whether a node of a cluster replies that another node has the key. */
export function isRedirection(thrown: unknown): boolean {
  return thrown instanceof ErrorReply && /^(MOVED|ASK) /.test(thrown.message);
}

/**
 * Returns the code of an error reply. Redis up to 6.2 wraps the error of a command in a script:
 * `ERR Error running script (…): … -OOM …`.
 */
function replyCodeOf({ message }: ErrorReply): string {
  return (/ -([A-Z]+) /.exec(message) ?? /^([A-Z]+)\b/.exec(message))?.[1] ?? "ERR";
}

function adviceFor(replyCode: string): string {
  switch (replyCode) {
    case "NOPERM":
      return "Grant the user the commands and keys that docs/redis.md lists.";
    case "NOAUTH":
    case "WRONGPASS":
      return "Check the user and the password.";
    case "OOM":
      return "Raise maxmemory of Redis, or set maxmemory-policy to volatile-ttl.";
    default:
      return "Check Redis; the next call tries again.";
  }
}

/** Returns errors of sockets and TLS, but no error reply, because it may quote the command. */
function withoutReply(cause: unknown): unknown {
  return cause instanceof ErrorReply ? undefined : cause;
}

function about(operation: string): string {
  return `${operation} of the stash adapter "redis"`;
}

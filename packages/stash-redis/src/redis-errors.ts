import { ErrorReply } from "redis";
import { StashError } from "live-stash";

/** The function that the application calls, for messages. */
export const CALLER = "createRedisAdapter";

/** The error for a wrong option. Its value is shown only where it is a number, a boolean or our own text. */
export function wrongOption(
  option: string,
  expected: string,
  found: unknown,
  advice = "Leave it out for the default.",
): StashError {
  const shown = typeof found === "string" ? found : found === null ? "null" : describe(found);
  return new StashError(
    "invalid_option",
    `${CALLER}() was called with a wrong \`${option}\`: expected ${expected}, found ${shown}. ${advice}`,
  );
}

function describe(value: unknown): string {
  return typeof value === "number" || typeof value === "boolean" ? String(value) : typeof value;
}

/** Redis answered with an error. */
export class RedisReplyError extends StashError {
  /** The first word of the reply, such as `OOM` or `NOPERM`. */
  readonly replyCode: string;

  constructor(operation: string, replyCode: string) {
    // The rest of the reply is left out: it may quote the command, and so keys and state.
    super(
      "adapter_unavailable",
      `${about(operation)} failed: expected Redis to run a script, found the error reply ` +
        `${replyCode}. ${adviceFor(replyCode)}`,
    );
    this.replyCode = replyCode;
  }
}

export function timedOut(operation: string, timeoutMs: number): StashError {
  return new StashError(
    "adapter_timeout",
    `${about(operation)}: expected an answer within ${timeoutMs} ms, found none. Check Redis and ` +
      "the network, or raise timeoutMs.",
  );
}

export function notConnected(operation: string, cause: unknown): StashError {
  const reason =
    cause instanceof ErrorReply
      ? `the error reply ${replyCodeOf(cause)}. ${adviceFor(replyCodeOf(cause))}`
      : `none${cause === undefined ? "" : " (see cause)"}. Check that it runs where the options say; ` +
        "the connection comes back by itself.";
  return new StashError(
    "adapter_unavailable",
    `${about(operation)} failed: expected a connection to Redis, found ${reason}`,
    { cause: withoutReply(cause) },
  );
}

export function notDurable(operation: string, timeoutMs: number, found: string): StashError {
  return new StashError(
    "adapter_timeout",
    `${about(operation)}: expected it stored as \`durability\` says within ${timeoutMs} ms, found ` +
      `${found}. It may have taken effect. Check the replicas, or raise durability.timeoutMs.`,
  );
}

/** Why a server can not do what `durability` asks for; `undefined` for an error of another kind. */
export function cannotWait(operation: string, thrown: unknown): StashError | undefined {
  if (!(thrown instanceof ErrorReply)) return undefined;
  const { message } = thrown;
  const isUnknown = /unknown command/i.test(message) && /WAIT/i.test(message);
  const isWithoutLog = /WAITAOF cannot be used when numlocal/i.test(message);
  if (!isUnknown && !isWithoutLog) return undefined;
  const [expected, found, advice] = isUnknown
    ? ["a server that knows WAITAOF", "one that does not", "Take Redis 7.2, Valkey or newer"]
    : ["a server with `appendonly yes`", "one without", "Turn that on"];
  return new StashError(
    "adapter_unavailable",
    `${about(operation)} failed: expected ${expected}, as durability.fsync is set, found ${found}. ` +
      `${advice}, or leave durability.fsync out. The save may have taken effect.`,
  );
}

export function away(operation: string, forMs: number, cause: unknown): StashError {
  return new StashError(
    "adapter_unavailable",
    `${about(operation)} failed: expected Redis to answer, found it silent for ` +
      `${Math.round(forMs)} ms, so only one call at a time is tried. Check Redis and the network.`,
    { cause: withoutReply(cause) },
  );
}

export function queueFull(operation: string, limit: string): StashError {
  return new StashError(
    "adapter_unavailable",
    `${about(operation)} failed: expected at most ${limit} waiting for Redis, found more. It is ` +
      "slow or away; raise the limit only if it is neither.",
  );
}

export function unreadableValue(expected: string): StashError {
  return new StashError(
    "adapter_unavailable",
    `${about("load")} failed: expected ${expected}, found something else. Check that all nodes have ` +
      "the same options `encrypt` and `secret`; the stash expires by itself.",
  );
}

export function closed(operation: string): StashError {
  return new StashError(
    "adapter_closed",
    `${about(operation)} failed: expected the adapter open, found it closed. Close it only after the ` +
      "server has stopped.",
  );
}

/** The error of one call, for whatever the client rejected with. */
export function errorOf(operation: string, thrown: unknown): StashError {
  if (thrown instanceof StashError) return thrown;
  if (thrown instanceof ErrorReply) return new RedisReplyError(operation, replyCodeOf(thrown));
  return notConnected(operation, thrown);
}

export function isUnknownScript(thrown: unknown): boolean {
  return thrown instanceof ErrorReply && thrown.message.startsWith("NOSCRIPT");
}

/** Whether a node of a cluster says that another one has the key. */
export function isRedirection(thrown: unknown): boolean {
  return thrown instanceof ErrorReply && /^(MOVED|ASK) /.test(thrown.message);
}

/** Up to 6.2, Redis wraps the error of a command in a script: `ERR Error running script (…): … -OOM …`. */
function replyCodeOf({ message }: ErrorReply): string {
  return (/ -([A-Z]+) /.exec(message) ?? /^([A-Z]+)\b/.exec(message))?.[1] ?? "ERR";
}

function adviceFor(replyCode: string): string {
  switch (replyCode) {
    case "NOPERM":
      return "Grant its user the commands and keys that docs/redis.md lists.";
    case "NOAUTH":
    case "WRONGPASS":
      return "Check user and password.";
    case "OOM":
      return "Raise its maxmemory, or set maxmemory-policy to volatile-ttl.";
    default:
      return "Check Redis; the next call tries again.";
  }
}

/** A reply may quote what was sent; errors of sockets and TLS do not. */
function withoutReply(cause: unknown): unknown {
  return cause instanceof ErrorReply ? undefined : cause;
}

function about(operation: string): string {
  return `${operation} of the stash adapter "redis"`;
}

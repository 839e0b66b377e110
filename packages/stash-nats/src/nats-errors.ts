import { StashError } from "live-stash";

export function timedOut(operation: string, timeoutMs: number, found: string): StashError {
  return new StashError(
    "adapter_timeout",
    `${about(operation)}: expected an answer within ${timeoutMs} ms, found ${found}. Check the NATS ` +
      "servers and the network, or raise timeoutMs.",
  );
}

export function notConnected(operation: string, cause: unknown): StashError {
  const reason = cause === undefined ? "none" : "none (see cause)";
  return new StashError(
    "adapter_unavailable",
    `${about(operation)} failed: expected a connection to NATS, found ${reason}. Check that a server ` +
      "runs where the options say, and lets this application in; the connection comes back by itself.",
    { cause },
  );
}

export function notFilled(operation: string, timeoutMs: number, cause: unknown): StashError {
  const reason = cause === undefined ? "that this took longer" : "an error (see cause)";
  return new StashError(
    "adapter_unavailable",
    `${about(operation)} failed: expected the stream there and all of it read within ${timeoutMs} ms, ` +
      `found ${reason}. More than half of the servers must run; call connect() before traffic comes.`,
    { cause },
  );
}

export function refused(operation: string, reason: string): StashError {
  return new StashError(
    "adapter_unavailable",
    `${about(operation)} failed: expected JetStream to store a message, found "${reason}". Check the ` +
      "servers and their limits; the next call tries again.",
  );
}

export function inDoubt(operation: string): StashError {
  return new StashError(
    "adapter_unavailable",
    `${about(operation)} failed: expected to be told what became of its first try, found no answer, and ` +
      "another owner since. It may have taken effect before that; the next call finds out.",
  );
}

export function unknownState(operation: string): StashError {
  return new StashError(
    "adapter_unavailable",
    `${about(operation)} failed: expected the state of this stash on the servers, found only a later ` +
      "message about it. Another node may know it; it is known again once its view has saved.",
  );
}

export function noQuorum(operation: string, timeoutMs: number): StashError {
  return new StashError(
    "adapter_unavailable",
    `${about(operation)} failed: expected a leader of the stream within ${timeoutMs} ms, found none. ` +
      "More than half of its servers must run and reach each other; it goes on by itself once they do.",
  );
}

export function queueFull(operation: string, maxQueueLength: number): StashError {
  return new StashError(
    "adapter_unavailable",
    `${about(operation)} failed: expected at most ${maxQueueLength} calls waiting for NATS ` +
      "(maxQueueLength), found more. It is slow or away; raise the limit only if it is neither.",
  );
}

export function unreadableRecord(): StashError {
  return new StashError(
    "adapter_unavailable",
    `${about("load")} failed: expected a stash that one of the secrets opens, found another. Check ` +
      "that all nodes have the same options `encrypt` and `secret`; the stash expires by itself.",
  );
}

export function wrongStream(expected: string, found: string, advice: string): StashError {
  return new StashError(
    "adapter_unavailable",
    `Preparing the stream of the stash adapter "nats" failed: expected ${expected}, found ${found}. ` +
      advice,
  );
}

export function closed(operation: string): StashError {
  return new StashError(
    "adapter_closed",
    `${about(operation)} failed: expected the adapter open, found it closed. Close it only after the ` +
      "server has stopped.",
  );
}

function about(operation: string): string {
  return `${operation} of the stash adapter "nats"`;
}

/** The error for an option that is wrong. What was found is described, never shown: it may be secret. */
export function wrongOption(
  of: string,
  option: string,
  expected: string,
  found: string,
  advice = "Correct it, or leave it out for the default.",
): StashError {
  return new StashError(
    "invalid_option",
    `${of}() was called with a wrong \`${option}\`: expected ${expected}, found ${found}. ${advice}`,
  );
}

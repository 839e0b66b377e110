import { StashError } from "live-stash";

export function timedOut(operation: string, timeoutMs: number, found: string): StashError {
  return new StashError(
    "adapter_timeout",
    `${about(operation)}: expected an answer within ${timeoutMs} ms, got ${found}. Check the NATS ` +
      "servers and the network, or raise timeoutMs.",
  );
}

export function notConnected(operation: string, cause: unknown): StashError {
  const reason = cause === undefined ? "none" : "none (see cause)";
  return new StashError(
    "adapter_unavailable",
    `${about(operation)} failed: expected a connection to NATS, got ${reason}. Check that a server ` +
      "runs at the address in the options and accepts the login; the adapter keeps connecting.",
    { cause },
  );
}

export function notFilled(operation: string, timeoutMs: number, cause: unknown): StashError {
  const reason = cause === undefined ? "a stream still being read" : "an error (see cause)";
  return new StashError(
    "adapter_unavailable",
    `${about(operation)} failed: expected to read the whole stream within ${timeoutMs} ms, got ` +
      `${reason}. More than half of the servers must run; call connect() before traffic arrives.`,
    { cause },
  );
}

export function refused(operation: string, reason: string): StashError {
  return new StashError(
    "adapter_unavailable",
    `${about(operation)} failed: expected JetStream to store a message, got "${reason}". Check the ` +
      "servers and their limits; the next call tries again.",
  );
}

export function ambiguous(operation: string): StashError {
  return new StashError(
    "adapter_unavailable",
    `${about(operation)} failed: expected an answer to its first attempt, got none, and the stash has ` +
      "changed since. The attempt may have been applied before; the next call finds out.",
  );
}

export function unknownState(operation: string): StashError {
  return new StashError(
    "adapter_unavailable",
    `${about(operation)} failed: expected the state of this stash on the servers, got only a later ` +
      "message about it. Another node may have the state; the next save of its view stores it again.",
  );
}

export function noQuorum(operation: string, timeoutMs: number): StashError {
  return new StashError(
    "adapter_unavailable",
    `${about(operation)} failed: expected a leader of the stream within ${timeoutMs} ms, got none. ` +
      "More than half of its servers must run and reach each other; calls succeed again once they do.",
  );
}

export function queueFull(operation: string, maxQueueLength: number): StashError {
  return new StashError(
    "adapter_unavailable",
    `${about(operation)} failed: expected at most ${maxQueueLength} calls waiting for NATS ` +
      "(maxQueueLength), got one more. Check whether NATS is slow or down; raise the limit only if not.",
  );
}

export function unreadableRecord(): StashError {
  return new StashError(
    "adapter_unavailable",
    `${about("load")} failed: expected a record that one of the secrets decrypts, got another. Give ` +
      "all nodes the same options `encrypt` and `secret`; the stash expires by itself.",
  );
}

export function wrongStream(expected: string, found: string, advice: string): StashError {
  return new StashError(
    "adapter_unavailable",
    `Preparing the stream of the stash adapter "nats" failed: expected ${expected}, got ${found}. ` +
      advice,
  );
}

export function closed(operation: string): StashError {
  return new StashError(
    "adapter_closed",
    `${about(operation)} failed: expected an open adapter, got a closed one. Close it only after the ` +
      "server has stopped.",
  );
}

function about(operation: string): string {
  return `${operation} of the stash adapter "nats"`;
}

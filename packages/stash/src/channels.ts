import { channel } from "node:diagnostics_channel";

/** The operation of a view that an event reports. */
export type OperationName = "stash" | "recover" | "reset";

/**
 * Published on the channel `live-stash:operation` when `stash()`, `recoverState()` or `resetStash()`
 * of a connected view has settled, and for each retry, in the background, of a failed `stash()`.
 */
export interface OperationEvent {
  readonly operation: OperationName;
  /** The name of the view. */
  readonly view: string;
  /** The name of the adapter. */
  readonly adapter: string;
  /** The `status` of the result. */
  readonly status: string;
  /** The `reason` of the result, where it has one, or the code of its error. */
  readonly reason?: string;
  /** Time from the call to the result, in ms, including the wait for earlier calls of the same view. */
  readonly durationMs: number;
  /** The size of the record that was saved. */
  readonly bytes?: number;
}

/** Published on `live-stash:keep-alive` for each batch of connected views whose deadlines were extended. */
export interface KeepAliveEvent {
  readonly adapter: string;
  /** Number of stashes in the batch. */
  readonly count: number;
  /** Number of stashes that were kept. 0 if the call failed. */
  readonly kept: number;
  readonly durationMs: number;
}

/**
 * Published on the channel `live-stash:error` for every failure, including those in the background. A failure
 * of many views at once (`keep_alive`, `end`) is published once per `liveStash()`, for one of its views.
 */
export interface ErrorEvent {
  readonly view: string;
  readonly adapter: string;
  readonly operation: OperationName | "end" | "keep_alive";
  /** A `StashErrorCode`. */
  readonly code: string;
}

/**
 * Published on the channel `live-stash:peer-lookup` when the memory adapter has looked a stash up at other
 * nodes.
 */
export interface PeerLookupEvent {
  /**
   * The place where the stash was found: the node of the token's hint, another node, this node after all,
   * or none. `unanswered`: unknown, because a node that may have the stash did not answer.
   */
  readonly source: "local" | "hint" | "other" | "none" | "unanswered";
  /** The `status` of the outcome, or `unanswered`. */
  readonly status: string;
  readonly durationMs: number;
}

/** The names of the `node:diagnostics_channel` channels. */
export const CHANNELS = {
  operation: "live-stash:operation",
  keepAlive: "live-stash:keep-alive",
  error: "live-stash:error",
  peerLookup: "live-stash:peer-lookup",
} as const;

/** The channels. Without a subscriber, no event is created and no clock is read. */
export const channels = {
  operation: channel(CHANNELS.operation),
  keepAlive: channel(CHANNELS.keepAlive),
  error: channel(CHANNELS.error),
  peerLookup: channel(CHANNELS.peerLookup),
} as const;

/** The common fields of all results. */
export interface OperationResult {
  readonly status: string;
  readonly reason?: string;
  readonly bytes?: number;
  readonly error?: { readonly code: string };
}

/** Publishes the result of an operation. */
export function traceOperation(
  about: Pick<OperationEvent, "operation" | "view" | "adapter">,
  result: Promise<OperationResult>,
): void {
  const startedMs = performance.now();
  const publish = ({ status, reason, bytes, error }: OperationResult): void => {
    const why = reason ?? error?.code;
    const event: OperationEvent = {
      ...about,
      status,
      ...(why === undefined ? {} : { reason: why }),
      ...(bytes === undefined ? {} : { bytes }),
      durationMs: performance.now() - startedMs,
    };
    channels.operation.publish(event);
  };
  // The caller handles a rejection.
  result.then(publish, () => undefined);
}

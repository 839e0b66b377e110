import { channel } from "node:diagnostics_channel";

/** The operation of a view that an event is about. */
export type OperationName = "stash" | "recover" | "reset";

/**
 * Published on the channel `live-stash:operation` when `stash()`, `recoverState()` or `resetStash()`
 * of a connected view has settled, and for each further try, in the background, to save what a
 * `stash()` could not.
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
  /** From the call to the result, in ms, with the wait for earlier calls of the same view. */
  readonly durationMs: number;
  /** The size of the record that was saved. */
  readonly bytes?: number;
}

/** Published on `live-stash:keep-alive` for each batch of connected views' deadlines that was moved. */
export interface KeepAliveEvent {
  readonly adapter: string;
  /** How many stashes there were in the batch. */
  readonly count: number;
  /** How many of them were kept. 0 if the call failed. */
  readonly kept: number;
  readonly durationMs: number;
}

/**
 * Published on the channel `live-stash:error` for every failure, also in the background. What concerns
 * many views at once (`keep_alive`, `end`) is published once for each `liveStash()`, of one of its views.
 */
export interface ErrorEvent {
  readonly view: string;
  readonly adapter: string;
  readonly operation: OperationName | "end" | "keep_alive";
  /** A `StashErrorCode`. */
  readonly code: string;
}

/**
 * Published on the channel `live-stash:peer-lookup` when the memory adapter has looked for a stash at
 * other nodes.
 */
export interface PeerLookupEvent {
  /**
   * Where it was: where the browser's hint said, elsewhere, here after all, or nowhere. `unanswered`: not
   * known, as a node that may have it did not answer.
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

/** The channels themselves. Without a subscriber, publishing is skipped, and so is the clock. */
export const channels = {
  operation: channel(CHANNELS.operation),
  keepAlive: channel(CHANNELS.keepAlive),
  error: channel(CHANNELS.error),
  peerLookup: channel(CHANNELS.peerLookup),
} as const;

/** What all results have in common. */
export interface OperationResult {
  readonly status: string;
  readonly reason?: string;
  readonly bytes?: number;
  readonly error?: { readonly code: string };
}

/** Publishes what an operation comes to. */
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
  // Whoever called hears of a rejection; there is nothing to count here.
  result.then(publish, () => undefined);
}

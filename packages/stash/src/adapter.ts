/**
 * The contract between the stash core and a place where stashes are kept.
 *
 * The core owns everything that all adapters share: which keys are saved, how state becomes
 * bytes, the fingerprint, versions, binding to view and session, deadlines, failure handling.
 * An adapter only does I/O. It never sees state, only opaque records, and it never sees a
 * request that was not authenticated first.
 */

/** A value, or a promise of one. An adapter without I/O answers at once and costs no timer. */
export type MaybePromise<T> = T | Promise<T>;

/** What an adapter can do. The core and the contract suite read it; there is no other switch. */
export interface AdapterCapabilities {
  /** Another process with the same store can load what this one saved. */
  readonly sharedAcrossNodes: boolean;
  /** A stash outlives the process that saved it. */
  readonly survivesRestart: boolean;
  /** What the browser's string carries: a reference to a record kept elsewhere, or the record itself. */
  readonly browserHolds: "reference" | "state";
  /**
   * Whether the stash of a connected view expires unless it is kept alive. `false` where a stash
   * dies with its process anyway: then the core saves with `expiresAtMs: Infinity` while connected
   * and sets the deadline once, when the view ends.
   */
  readonly needsKeepAlive: boolean;
  /** The largest record in bytes that `save` accepts. */
  readonly maxBytes: number;
}

/** Names one stash: 22 characters of base64url (128 random bits), minted by the core. */
export type StashId = string;

/** Names one view instance on one node. Compared for equality only; never reused. */
export type Owner = string;

export interface SaveRequest {
  readonly id: StashId;
  readonly owner: Owner;
  /** Opaque. The adapter MUST NOT keep this array itself: the core reuses its memory. */
  readonly record: Uint8Array;
  /** `true` for the first save of a new id. `false`: the stash must be there and belong to `owner`. */
  readonly create: boolean;
  /** Absolute time in ms since the epoch, or `Infinity` (see `needsKeepAlive`). */
  readonly expiresAtMs: number;
  /** Aborted when the core stops waiting. */
  readonly signal?: AbortSignal;
}

export type SaveOutcome =
  /** Saved. `carried` goes into the browser's string behind the id (a node hint, or the record itself). */
  | { readonly status: "saved"; readonly carried?: Uint8Array }
  /** Another view took ownership. Nothing was written. */
  | { readonly status: "not_owner" }
  /** `create` was false and there is no such stash (expired, evicted, dropped). Nothing was written. */
  | { readonly status: "absent" }
  /** No room, and the adapter's policy found nothing that may be evicted. Nothing was written. */
  | { readonly status: "full" };

export interface LoadRequest {
  readonly id: StashId;
  /** What `save` returned as `carried`, as the browser gave it back. Authenticated by the core. */
  readonly carried: Uint8Array;
  /** The view that takes ownership. */
  readonly owner: Owner;
  /** The new deadline, as in `SaveRequest`. */
  readonly expiresAtMs: number;
  readonly signal?: AbortSignal;
}

export type LoadOutcome =
  /**
   * Loaded, and `owner` is the owner from now on: no later call of an earlier owner succeeds.
   * `record` is the caller's own copy. `carried` is set if the browser must hold something else now.
   */
  | { readonly status: "loaded"; readonly record: Uint8Array; readonly carried?: Uint8Array }
  /** There is no such stash, or its deadline has passed (exactly: a deadline equal to now has passed). */
  | { readonly status: "absent" };

export interface KeepAliveRequest {
  readonly id: StashId;
  readonly owner: Owner;
  readonly expiresAtMs: number;
}

/** Per request, in order: the deadline was set, or the stash is not there or not this owner's. */
export type KeepAliveOutcome = "kept" | "not_owner" | "absent";

export interface ForgetRequest {
  readonly id: StashId;
  readonly owner: Owner;
  readonly signal?: AbortSignal;
}

/** `forgotten`: it is gone. Forgetting what is not there is `absent`, and not an error. */
export type ForgetOutcome = "forgotten" | "not_owner" | "absent";

/**
 * A place where stashes are kept.
 *
 * Every call
 * - MUST answer or reject within the adapter's own stated time, and MUST reject with a
 *   `StashError` of code `adapter_unavailable`, `adapter_timeout` or `adapter_closed`;
 * - MUST be atomic with regard to ownership: of two owners that race, exactly one wins;
 * - MUST NOT change anything when its outcome is not the successful one.
 */
export interface StashAdapter {
  /** Shown in statuses, errors and metrics, and bound into the browser's string. `[a-z][a-z0-9_]*`. */
  readonly name: string;
  readonly capabilities: AdapterCapabilities;
  save(request: SaveRequest): MaybePromise<SaveOutcome>;
  load(request: LoadRequest): MaybePromise<LoadOutcome>;
  /** Sets deadlines of many stashes in as few writes as the store allows. */
  keepAlive(requests: readonly KeepAliveRequest[]): MaybePromise<readonly KeepAliveOutcome[]>;
  forget(request: ForgetRequest): MaybePromise<ForgetOutcome>;
  /** Releases everything; the process can exit afterwards. Later calls reject with `adapter_closed`. */
  close(): MaybePromise<void>;
}

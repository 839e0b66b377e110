/**
 * The contract between the stash core and a place where stashes are kept.
 *
 * The core owns everything that all adapters share: which keys are saved, how state becomes
 * bytes, the fingerprint, versions, binding to view and session, deadlines, failure handling.
 * An adapter only does I/O. It never sees state, only opaque records, and it never sees a
 * request that was not authenticated first.
 *
 * `@live-stash/contract` is this file as tests, and docs/adapters.md as a walk through an example.
 */

/** A value, or a promise of one. An adapter without I/O answers at once and costs no timer. */
export type MaybePromise<T> = T | Promise<T>;

/** What an adapter can do. The core and the contract suite read it; there is no other switch. */
export interface AdapterCapabilities {
  /** Another process with the same store can load what this one saved. */
  readonly sharedAcrossNodes: boolean;
  /** A stash outlives the process that saved it. */
  readonly survivesRestart: boolean;
  /**
   * What the browser's string carries: a reference to a record kept elsewhere, or the record itself,
   * which the core encrypts (`"state"`) or only signs (`"readable_state"`, which its user can read).
   * With either of these the adapter keeps nothing: `save` answers the record as `adapterData`, `load` gives
   * it back, and deadlines are the core's, in the string, so nothing is said of a view's end.
   */
  readonly browserHolds: "reference" | "state" | "readable_state";
  /**
   * Whether the stash of a connected view expires unless it is kept alive. `false` where a stash
   * dies with its process anyway: then the core saves with `expiresAtMs: Infinity` while connected
   * and sets the deadline once, when the view ends. With `true`, deadlines are always finite.
   */
  readonly needsKeepAlive: boolean;
  /** The largest record in bytes that `save` accepts. A larger one is answered with `full`. */
  readonly maxBytes: number;
}

/**
 * Names one stash: 22 characters of base64url (128 random bits), minted by the core. A stash that the
 * store has lost is created again under its id. Ids that differ in case only are different ids.
 */
export type StashId = string;

/**
 * Names one view instance on one node: 11 to 64 characters of `A-Z a-z 0-9 _ - .`, compared for
 * equality (case matters, a prefix is somebody else); never reused.
 *
 * The first `ORDER_CHARACTERS` are its order among the views of its page, `0-9 a-z`, which compare as
 * text: see `load`, the only call for which they mean anything, and `isEarlierOwner`.
 */
export type Owner = string;

export interface SaveRequest {
  readonly id: StashId;
  readonly owner: Owner;
  /**
   * Opaque, and often a part of a larger buffer. It does not change before the call has settled;
   * the adapter MUST NOT keep this array itself, as the core may reuse its memory from then on.
   */
  readonly record: Uint8Array;
  /**
   * `true` for the first save of an id, or the first after the store has lost it; if the id is there
   * nevertheless, the save is as any other of its owner, and `not_owner` for anybody else. `false`: the stash must be there and
   * belong to `owner`.
   */
  readonly create: boolean;
  /**
   * Absolute time in whole ms since the epoch, of any size, or `Infinity` (see `needsKeepAlive`).
   * It may have passed: the call is answered as any other, and the stash is gone with it.
   */
  readonly expiresAtMs: number;
}

export type SaveOutcome =
  /**
   * Saved, all of it: no load ever sees a part. `adapterData` goes into the browser's string behind the
   * id (a node hint, or the record itself); without it the string stays as it is.
   */
  | { readonly status: "saved"; readonly adapterData?: Uint8Array }
  /** Another view took ownership. Nothing was written. */
  | { readonly status: "not_owner" }
  /** `create` was false and there is no such stash (expired, evicted, dropped). Nothing was written. */
  | { readonly status: "absent" }
  /**
   * The record is larger than `maxBytes`, or there is no room and the adapter's policy found nothing
   * that may be evicted. Nothing was written.
   */
  | { readonly status: "full" };

export interface LoadRequest {
  readonly id: StashId;
  /**
   * What `save` or `load` returned as `adapterData`, as the browser gave it back; empty if they returned
   * none. Authenticated by the core, but possibly an earlier one than the last.
   */
  readonly adapterData: Uint8Array;
  /** The view that takes ownership. It may be the owner already. */
  readonly owner: Owner;
  /** The new deadline, as in `SaveRequest`. */
  readonly expiresAtMs: number;
}

export type LoadOutcome =
  /**
   * Loaded, and `owner` is the owner from now on: no later call of an earlier owner succeeds.
   * `record` is the caller's own copy. `adapterData` is set if the browser must hold something else now.
   */
  | { readonly status: "loaded"; readonly record: Uint8Array; readonly adapterData?: Uint8Array }
  /**
   * The owner is of a later order (`isEarlierOwner(request.owner, itsOwner)`): this is the load of a
   * view that has been replaced already, and it comes late. Nothing was changed. Of two owners of the
   * same order, the one who loads last is the owner.
   */
  | { readonly status: "superseded" }
  /**
   * There is no such stash, or its deadline has passed (exactly: a deadline equal to now has passed).
   * It is the last word: the page starts anew. An adapter that does not know, as its store is away, is
   * not up to date or may lag behind, MUST reject instead; the core then asks again.
   */
  | { readonly status: "absent" };

export interface KeepAliveRequest {
  readonly id: StashId;
  readonly owner: Owner;
  /** The new deadline, as in `SaveRequest`; it may be earlier than the old one. */
  readonly expiresAtMs: number;
  /**
   * The view has ended, so nobody will put this deadline off. An adapter may ignore it; one that keeps
   * all stashes of a node alive at once needs to know which ones are left out from now on.
   */
  readonly isFinal?: boolean;
}

/** Per request, in order: the deadline was set, or the stash is not there or not this owner's. */
export type KeepAliveOutcome = "kept" | "not_owner" | "absent";

export interface ForgetRequest {
  readonly id: StashId;
  readonly owner: Owner;
}

/** `forgotten`: it is gone. Forgetting what is not there is `absent`, and not an error. */
export type ForgetOutcome = "forgotten" | "not_owner" | "absent";

/**
 * A place where stashes are kept.
 *
 * Every call
 * - MUST answer or reject within the adapter's own stated time (the core stops waiting after its
 *   option `timeoutMs`, 1 s by default), and MUST reject with a `StashError` of code
 *   `adapter_unavailable`, `adapter_timeout` or `adapter_closed`;
 * - MUST be atomic with regard to ownership: of two owners that race, exactly one wins;
 * - MUST NOT change anything when its outcome is not the successful one;
 * - MAY have taken effect, as a whole and under the rule of ownership, when it rejects;
 * - MUST work again, without being told, once a service that was away is back.
 */
export interface StashAdapter {
  /** Shown in statuses, errors and metrics, and bound into the browser's string. `[a-z][a-z0-9_]*`. */
  readonly name: string;
  readonly capabilities: AdapterCapabilities;
  save(request: SaveRequest): MaybePromise<SaveOutcome>;
  load(request: LoadRequest): MaybePromise<LoadOutcome>;
  /** Sets deadlines of many stashes (none to tens of thousands) in as few writes as the store allows. */
  keepAlive(requests: readonly KeepAliveRequest[]): MaybePromise<readonly KeepAliveOutcome[]>;
  forget(request: ForgetRequest): MaybePromise<ForgetOutcome>;
  /**
   * Releases everything; the process can exit afterwards. Calls under way settle, later calls reject
   * with `adapter_closed`. Closing again does nothing. Where stashes survive, they stay.
   */
  close(): MaybePromise<void>;
}

import type { StashAdapter } from "./store/adapter.ts";
import type { StashError } from "./errors.ts";
import type { StashHost } from "./stash-host.ts";
import type { Clock } from "./option-checks.ts";
import type { StateVersion } from "./state/record.ts";
import type { LateRecoverResult } from "./results.ts";
import type { StandardSchema } from "./standard-schema.ts";

/** A view's socket, as far as the stash needs it. */
export type StashHostOf<Assigns extends object> = StashHost & {
  readonly assigns: Readonly<Assigns>;
};

/** Where an error happened. */
export interface StashErrorContext {
  /** The name of the view. */
  readonly view: string;
  readonly operation: "stash" | "recover" | "reset" | "end" | "keep_alive";
}

/** How a view's state is stashed. */
export interface LiveStashOptions<Assigns extends object> {
  /** The assigns to save and to recover. At least one. */
  readonly storedKeys: readonly (keyof Assigns & string)[];
  /** Where stashes are kept. */
  readonly adapter: StashAdapter;
  /** How long a stash outlives the connection of its view, in ms. Default 300,000 (5 minutes). */
  readonly ttlMs?: number;
  /** Stash after every render, without calls of `stash()`. Default `false`. */
  readonly autoStash?: boolean;
  /**
   * The version of the state's shape. State of another version is handed to `migrate`, or, without
   * it, deleted. A finite number, or a string of at most 200 characters. Default: no version.
   */
  readonly version?: StateVersion;
  /** Checks recovered state (after `migrate`); its output value is what gets assigned. */
  readonly schema?: StandardSchema;
  /**
   * Turns state of another version into state of this one; `undefined` deletes it.
   * `oldState` holds all keys that were stored, also those that are not in `storedKeys` any more.
   */
  readonly migrate?: (
    oldState: Record<string, unknown>,
    oldVersion: StateVersion | undefined,
  ) => object | undefined | Promise<object | undefined>;
  /**
   * Binds stashes to this value of the session (a user's id for instance; a string, number, bigint
   * or boolean) instead of the whole session: they then survive a new session of the same user.
   * Where the session lacks it, nothing is stashed or recovered, with an error.
   */
  readonly sessionKey?: string;
  /**
   * Recover also after a reload of the page in the same tab: the browser then keeps what it holds in
   * `sessionStorage`, where scripts of the page can read it. For the page's main view only; a second
   * tab, or a page that is come to by a link, starts afresh. Default `false`.
   */
  readonly recoverAfterReload?: boolean;
  /**
   * Protects what the browser holds. At least 32 characters. Several: the first writes, all read.
   * Default: the environment variable `LIVE_STASH_SECRET`, several separated by commas. With
   * neither, production (`NODE_ENV`) refuses to start; elsewhere one is made up for the project and
   * kept in the user's state folder.
   */
  readonly secret?: string | readonly string[];
  /** The largest state, in bytes of its text before compression. Default 1,048,576. */
  readonly maxStateBytes?: number;
  /** How long one call of the adapter, of `migrate` or of the `schema` may take, in ms. Default 1,000. */
  readonly timeoutMs?: number;
  /**
   * For how long `recoverState()` asks again, in ms, while the store fails or is silent. The client
   * waits 10 s for a join. A page that was just loaded is not kept waiting. Default 5,000.
   */
  readonly recoverWithinMs?: number;
  /**
   * What happens if the store has not answered within `recoverWithinMs`. `"rejoin"` (the default): the
   * page joins again, with the client's back-off, and shows meanwhile what it showed. `"continue"`: the
   * view goes on with its defaults, and the recovery goes on in the background.
   */
  readonly whenUnavailable?: "rejoin" | "continue";
  /**
   * Decides what is assigned when the store answers after the view went on without its state: stored
   * keys to assign, or `undefined` to keep the current ones. Either is saved. Both arguments have the
   * stored keys only. Without it, the recovered state is assigned if the stored keys are still what the
   * first render showed, and else kept aside.
   */
  readonly reconcile?: (
    recovered: Partial<Assigns>,
    current: Partial<Assigns>,
  ) => Partial<Assigns> | undefined | Promise<Partial<Assigns> | undefined>;
  /**
   * Called when a recovery has settled that was `pending` while the view went on. It may assign, and
   * may be async; what it returns is ignored.
   */
  readonly onLateRecovery?: (socket: StashHostOf<Assigns>, result: LateRecoverResult) => unknown;
  /**
   * Told of every failure, also of those that no result carries (when a view ends, or in the
   * background); of a failure that comes back with each `autoStash`, once until something is saved. It
   * may be async; what it returns is ignored. Default: one line on `console.error`.
   */
  readonly onError?: (error: StashError, context: StashErrorContext) => unknown;
  /** Default: the system's clock. */
  readonly clock?: Clock;
}

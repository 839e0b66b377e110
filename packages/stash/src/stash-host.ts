/**
 * The interface of a server-side view that the stash needs. It is structural: the LiveView runtime's socket
 * implements it without an import, and other hosts can.
 */
export interface StashHost {
  /** The id of the view's container element, under which the browser stores the token. */
  readonly id: string;
  /** The name of the view's code, the same in every process and release: a stash belongs to one view. */
  readonly view: { readonly name: string };
  /** `false` while the page is rendered over plain HTTP: no stash is loaded or saved. */
  readonly connected: boolean;
  /** The parameters of the client's join. Not trusted. */
  readonly connectParams: Readonly<Record<string, unknown>>;
  /** The HTTP session. `id` must be as hard to guess as a secret. */
  readonly session: { readonly id: string; readonly [key: string]: unknown };
  readonly assigns: object;
  assign(values: object): void;
  /** Sends an event to the browser with the next diff, or at once if none is due. */
  pushEvent(name: string, payload: object): void;
  /** Has the reply to the current event wait for this promise. */
  waitUntil(promise: Promise<unknown>): void;
  /**
   * Ends this view and has its page join again after a while; the browser keeps its token. Optional:
   * without it, the view continues without its state until the store answers.
   */
  rejoin?(): void;
  /**
   * Runs a function between two messages of the view, so that the assigns do not change while a handler
   * runs; never if the view ends before. Optional: without it, the function runs at once.
   */
  whenIdle?(run: () => Promise<unknown>): void;
}

/** The reason why a view ended. After `left` the page does not come back for its state; after others it may. */
export type HostEndReason =
  | "left"
  | "disconnected"
  | "crashed"
  | "replaced"
  | "redirected"
  | "shutdown"
  | "rejoining";

/** The join parameter in which the browser returns the view's token. */
export const TOKEN_PARAM = "_live_stash";

/** The event with which the server sends a view's token to the browser, renews or drops it. */
export const TOKEN_EVENT = "live-stash:hold";

/**
 * The payload of `TOKEN_EVENT`, with short names because the server sends renewals repeatedly. `v` is the
 * id of the view's container element. `h: string` is a new token, kept over a reload of the page if `s` is
 * present; `h: null` drops the token; `r` replaces everything after the token's last `~`.
 */
export type TokenEvent =
  | { readonly v: string; readonly h: string; readonly s?: 1 }
  | { readonly v: string; readonly h: null }
  | { readonly v: string; readonly r: string };

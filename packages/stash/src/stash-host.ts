/**
 * What the stash needs from a server-side view, as structure rather than as an import: the LiveView
 * runtime's socket fits it, and any other host can be made to.
 */
export interface StashHost {
  /** The id of the view's container element: the name under which the browser holds its string. */
  readonly id: string;
  /** Names the view's code, the same in every process and release: a stash belongs to one view. */
  readonly view: { readonly name: string };
  /** `false` while the page is rendered over plain HTTP: then nothing is loaded or saved. */
  readonly connected: boolean;
  /** What the client sent when it joined. Not trusted. */
  readonly connectParams: Readonly<Record<string, unknown>>;
  /** The HTTP session. `id` is the secret-strength name of the session. */
  readonly session: { readonly id: string; readonly [key: string]: unknown };
  readonly assigns: object;
  assign(values: object): void;
  /** Sends an event to the browser with the next diff, or at once if none is due. */
  pushEvent(name: string, payload: object): void;
  /** The reply to the event being handled waits for this promise. */
  waitUntil(promise: Promise<unknown>): void;
  /**
   * Ends this view and has its page join again after a while, without losing what the browser holds.
   * A host that cannot do that leaves it out: the view then goes on without its state until the store
   * answers.
   */
  rejoin?(): void;
  /**
   * Runs something between two messages of the view, so that no handler finds its assigns changed. Never
   * if the view ends before. A host without it has it run at once.
   */
  whenIdle?(run: () => Promise<unknown>): void;
}

/** Why a view ended. After `left` the page will not come back for its state; after all others it may. */
export type HostEndReason =
  | "left"
  | "disconnected"
  | "crashed"
  | "replaced"
  | "redirected"
  | "shutdown"
  | "rejoining";

/** The join parameter in which the browser returns what it holds for the view. */
export const HELD_PARAM = "_live_stash";

/** The event that tells the browser what to hold for a view from now on. */
export const HOLD_EVENT = "live-stash:hold";

/**
 * The payload of `HOLD_EVENT`, in short names: renewals cross the wire again and again. `v` is the
 * container element's id. `h: string` is what to hold from now on, also over a reload of the page if
 * `s` is there; `h: null` drops it; `r` takes the place of what follows its last `~`.
 */
export type HoldEvent =
  | { readonly v: string; readonly h: string; readonly s?: 1 }
  | { readonly v: string; readonly h: null }
  | { readonly v: string; readonly r: string };

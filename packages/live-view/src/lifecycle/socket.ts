import type { FormValue } from "@live-stash/wire";
import type { ExternalTarget } from "./navigation.ts";
import type { Flash } from "../session/page-tokens.ts";
import type { Session } from "../session/session-source.ts";

/** A parameter: text, or what names with brackets nest and `a[]` collects, as in a form. */
export type ParamValue = FormValue;

/**
 * Path and query parameters of the page, merged; a path parameter is text, and wins. A query is
 * decoded like a form, so that whoever writes a URL decides the shape of each value: `?page=2` is
 * `"2"`, `?page[]=2` is `["2"]`. Read text with `textParam`, or parse the whole with a schema.
 */
export type ViewParams = Readonly<Record<string, ParamValue>>;

/** The value of an event: what a click, key or hook sent, or a decoded form. Not trusted. */
export type EventValue = Readonly<Record<string, unknown>>;

/**
 * Why a view ended. `left`: the client left it for good (navigation, closed page, removed element).
 * `disconnected`: the socket went away, the page may come back. `crashed`: a handler threw.
 * `replaced`: the same page joined again. `redirected`: the view sent its page elsewhere.
 * `shutdown`: the server drains. `rejoining`: the view asked its page to join again.
 */
export type EndReason =
  | "left"
  | "disconnected"
  | "crashed"
  | "replaced"
  | "redirected"
  | "shutdown"
  | "rejoining";

/** Stops a timer that `sendAfter` or `sendEvery` started. */
export type CancelTimer = () => void;

/**
 * One view instance, as its handlers see it: the state of one open page on the server.
 *
 * @typeParam Assigns - the view's state, rendered by `render`.
 * @typeParam Message - what `handleInfo` accepts.
 */
export interface Socket<Assigns extends object, Message = unknown> {
  /** Id of the container element; the same over all reconnects of a page. */
  readonly id: string;
  readonly view: { readonly name: string };
  /** `false` during the first render over HTTP, `true` once the page's socket has joined. */
  readonly connected: boolean;
  /** What the client passed as `params` when it joined; empty during the first render. Not trusted. */
  readonly connectParams: Readonly<Record<string, unknown>>;
  /** The HTTP session as it was when the page was loaded or its socket opened. */
  readonly session: Session;
  /** The page's current URL; it follows live patches. */
  readonly url: URL;
  readonly assigns: Readonly<Assigns>;
  readonly flash: Flash;
  /** `true` once the view has ended; whatever is done to it from then on has no effect. */
  readonly ended: boolean;
  /** Aborted when the view ends: hand it to `fetch` and friends. */
  readonly signal: AbortSignal;

  /**
   * Merges values into the assigns. The page is rendered anew after the handler, or at once if none
   * is running: late answers of something that a handler did not wait for are shown too.
   */
  assign(values: Partial<Assigns>): void;
  /**
   * Sends an event to the browser: `phx:<name>` on `window`, for hooks' `handleEvent`, after the
   * page was patched. `{ beforePatch: true }`: before it.
   * @throws `LiveViewError` `invalid_value`, with the path, for a payload that JSON cannot carry
   * as it is: bigints, functions, symbols, NaN, infinities, `Map`, `Set`, bytes, cycles and others.
   * Properties that are undefined are left out, and a `Date` is text.
   */
  pushEvent(name: string, payload?: object, options?: { readonly beforePatch?: boolean }): void;
  /**
   * Answers the `pushEvent` of a client hook. Only in the handler of that event; the last call wins.
   * @throws `LiveViewError` `invalid_value` for what JSON cannot carry, as for `pushEvent`.
   */
  reply(payload: object): void;
  setTitle(title: string): void;
  /**
   * Shows a message until the next navigation by the page, also after a redirect or navigation by
   * the view.
   * @throws `LiveViewError` `flash_too_large` if all messages take more than 2,900 bytes as JSON: a
   * redirect carries them in a cookie.
   */
  putFlash(kind: string, message: string): void;
  clearFlash(kind?: string): void;
  /** Changes the URL without leaving the view; `handleParams` runs. `to` is a path of the same view. */
  pushPatch(to: string, options?: { readonly replace?: boolean }): void;
  /** Goes to another view of the same live session, over the same socket. */
  pushNavigate(to: string, options?: { readonly replace?: boolean }): void;
  /**
   * Goes anywhere by a full page load. `to` is a path of this site; another site, an absolute http(s)
   * URL, must be named as one: `socket.redirect({ external: "https://example.com/" })`.
   *
   * @throws `LiveViewError` `invalid_navigation` for anything else.
   */
  redirect(to: string | ExternalTarget): void;
  /**
   * Ends this view and has its page join again, after the client's back-off (1, 2, 5, then 10 s by
   * default). Until then the page shows what it showed, and keeps what its browser holds. For what is
   * away now and will be back, such as a database. No effect during the first render.
   */
  rejoin(): void;
  /**
   * Runs something between two messages of the view, when its turn comes, and renders afterwards: no
   * handler finds its assigns changed while it waits for something. Never if the view ends before. A
   * rejection crashes the view.
   */
  whenIdle(run: () => Promise<unknown>): void;
  /**
   * Puts a message into the view's mailbox. `false` if the view has ended, or if 10,000 messages of its
   * own wait already.
   */
  send(message: Message): boolean;
  /**
   * Sends a message after a while, at most 2,147,483,647 ms; the timer ends with the view.
   *
   * @throws `LiveViewError` `invalid_value` for a time that no timer can wait.
   */
  sendAfter(message: Message, delayMs: number): CancelTimer;
  /**
   * Sends a message again and again; the timer ends with the view. Limits as for `sendAfter`. While one
   * of its messages waits for the view, it sends no other: a slow view is not sent what it missed.
   */
  sendEvery(message: Message, intervalMs: number): CancelTimer;
  /**
   * The answer to the current event (or the join) waits until this has settled. A rejection is not
   * reported: whoever made the promise handles it.
   */
  waitUntil(promise: Promise<unknown>): void;
}

/**
 * Reads a parameter that is text, as every path parameter is: `textParam(params, "page") ?? "1"`.
 * `undefined` if the URL has none of that name, or a list or an object, as `?page[]=1` makes it.
 */
export function textParam(params: ViewParams, name: string): string | undefined {
  const value = params[name];
  return typeof value === "string" ? value : undefined;
}

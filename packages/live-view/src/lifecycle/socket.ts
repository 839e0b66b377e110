import type { FormValue } from "@live-stash/wire";
import type { Flash } from "../session/page-tokens.ts";
import type { Session } from "../session/session-source.ts";
import type { ExternalTarget } from "./navigation.ts";

/** A parameter: text; nested values for names with brackets; an array for `a[]`, as in a form. */
export type ParamValue = FormValue;

/**
 * The path and query parameters of the page, merged. A path parameter is text, and wins over a query
 * parameter of the same name. A query is decoded like a form, so the author of a URL decides the shape
 * of each value: `?page=2` is `"2"`, `?page[]=2` is `["2"]`. Read text with `textParam`, or parse all
 * parameters with a schema.
 */
export type ViewParams = Readonly<Record<string, ParamValue>>;

/** The value of an event: the data of a click, key or hook, or a decoded form. Not trusted. */
export type EventValue = Readonly<Record<string, unknown>>;

/**
 * The reason why a view ended. `left`: the client left it for good (navigation, closed page, removed
 * element). `disconnected`: the socket closed; the page may come back. `crashed`: a handler threw.
 * `replaced`: the same page joined again. `redirected`: the view sent its page to another URL.
 * `shutdown`: the server drains. `rejoining`: the view called `rejoin`.
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
 * One view instance as its handlers see it: the state of one open page on the server.
 *
 * @typeParam Assigns - the state of the view, which `render` shows.
 * @typeParam Message - the messages that `handleInfo` accepts.
 */
export interface Socket<Assigns extends object, Message = unknown> {
  /** The id of the container element. It stays the same when the page reconnects. */
  readonly id: string;
  readonly view: { readonly name: string };
  /** `false` during the first render over HTTP, `true` once the page's socket has joined. */
  readonly connected: boolean;
  /** The `params` that the client sent with its join; empty during the first render. Not trusted. */
  readonly connectParams: Readonly<Record<string, unknown>>;
  /** The HTTP session at the time when the page was loaded or its socket was opened. */
  readonly session: Session;
  /** The current URL of the page, including live patches. */
  readonly url: URL;
  readonly assigns: Readonly<Assigns>;
  readonly flash: Flash;
  /** `true` once the view has ended. No call has an effect from then on. */
  readonly ended: boolean;
  /** Aborts when the view ends. Pass it to `fetch` and other calls that accept a signal. */
  readonly signal: AbortSignal;

  /**
   * Merges values into the assigns. The server renders the page after the handler, or at once if no
   * handler is running, so results that arrive after a handler has returned are shown too.
   */
  assign(values: Partial<Assigns>): void;
  /**
   * Sends an event to the browser, which dispatches it as `phx:<name>` on `window` and to `handleEvent`
   * of hooks, after patching the page. `{ beforePatch: true }`: before patching.
   * @throws `LiveViewError` `invalid_value`, with the path, for a payload that JSON cannot represent:
   * bigints, functions, symbols, NaN, infinities, `Map`, `Set`, bytes, cycles and others. JSON omits
   * properties that are undefined, and turns a `Date` into text.
   */
  pushEvent(name: string, payload?: object, options?: { readonly beforePatch?: boolean }): void;
  /**
   * Answers the `pushEvent` of a client hook. Call it in the handler of that event; the last call wins.
   * @throws `LiveViewError` `invalid_value` for a payload that JSON cannot represent, as `pushEvent`.
   */
  reply(payload: object): void;
  /** Sets the title of the page. */
  setTitle(title: string): void;
  /**
   * Shows a flash message until the next navigation by the page. The message survives a redirect or
   * navigation by the view.
   * @throws `LiveViewError` `flash_too_large` if all messages take more than 2,900 bytes as JSON,
   * because a redirect carries them in a cookie.
   */
  putFlash(kind: string, message: string): void;
  /** Removes the flash message of this kind, or all. */
  clearFlash(kind?: string): void;
  /** Changes the URL to another path of the same view, and runs `handleParams`. */
  pushPatch(to: string, options?: { readonly replace?: boolean }): void;
  /** Opens another view of the same live session, over the same socket. */
  pushNavigate(to: string, options?: { readonly replace?: boolean }): void;
  /**
   * Loads another page. `to` is a path of this site. To leave the site, name the absolute http(s) URL
   * explicitly: `socket.redirect({ external: "https://example.com/" })`.
   *
   * @throws `LiveViewError` `invalid_navigation` for anything else.
   */
  redirect(to: string | ExternalTarget): void;
  /**
   * Ends this view and makes its page join again, after the client's back-off (1, 2, 5, then 10 s by
   * default). Until then, the page stays as it is and its browser keeps its tokens. Use it while
   * something is temporarily unavailable, such as a database. Has no effect during the first render.
   */
  rejoin(): void;
  /**
   * Runs a function after the messages that already wait for the view, and renders afterwards. No
   * handler runs meanwhile, so no handler sees its assigns change. The function never runs if the view
   * ends first. A rejection crashes the view.
   */
  whenIdle(run: () => Promise<unknown>): void;
  /**
   * Puts a message for `handleInfo` into the view's mailbox. Returns `false` if the view has ended, or if
   * 10,000 of its own messages are waiting already.
   */
  send(message: Message): boolean;
  /**
   * Sends a message after `delayMs`, at most 2,147,483,647. The timer ends with the view.
   *
   * @throws `LiveViewError` `invalid_value` for a delay outside of a timer's range.
   */
  sendAfter(message: Message, delayMs: number): CancelTimer;
  /**
   * Sends a message every `intervalMs`, within the limits of `sendAfter`. The timer ends with the view.
   * While a message of the timer waits for the view, the timer sends no other, so a slow view skips
   * ticks instead of collecting them.
   */
  sendEvery(message: Message, intervalMs: number): CancelTimer;
  /**
   * Delays the answer to the current event or join until the promise has settled. A rejection is
   * ignored: the code that created the promise must handle it.
   */
  waitUntil(promise: Promise<unknown>): void;
}

/**
 * Reads a parameter that is text, as every path parameter is: `textParam(params, "page") ?? "1"`.
 * Returns `undefined` if the URL has no such parameter, or one that is a list or an object, such as
 * `?page[]=1`.
 */
export function textParam(params: ViewParams, name: string): string | undefined {
  const value = params[name];
  return typeof value === "string" ? value : undefined;
}

import { HELD_PARAM, PAGE_PARAM, WINDOW_HOLD_EVENT } from "./hold-event.ts";
import { applyHoldEvent } from "./held-strings.ts";
import type { HeldStrings } from "./held-strings.ts";
import { markForms, unmarkForm } from "./recovered-forms.ts";
import { createTabStorage } from "./tab-storage.ts";

/**
 * Your own connect parameters, such as the CSRF token: an object, or a function that returns one.
 * The function is called with the view's container element when that view joins, and with nothing
 * when the parameters go into the WebSocket's URL.
 */
export type UserParams = object | ParamsFunction;

type ParamsFunction = (element?: HTMLElement) => object;

/** What `new LiveSocket(path, Socket, { params })` takes as `params`. */
export type JoinParams = (element?: HTMLElement) => Record<string, unknown>;

/**
 * Lets the page give each view its stash back when the view joins again after a lost connection:
 * `new LiveSocket("/live", Socket, { params: initLiveStash({ _csrf_token }) })`.
 *
 * When a view joins again, the events of forms that the client sends by itself get the value
 * `_recovered`: `same` if the form shows what the server rendered, else `edited`.
 *
 * Call it once per `LiveSocket`, in the browser, before `connect()`. It adds four listeners to
 * `window`, which stay for the life of the page. What it holds lives in this page's memory: a page
 * load or another tab starts with nothing. Only for a view that the server lets recover after a reload
 * is it kept in `sessionStorage` too, for a reload in the same tab.
 *
 * The stash is added to the payload with which a view joins, and never to the WebSocket's URL, which
 * is short and lands in access logs.
 *
 * @param params Your own connect parameters. Default: none. Keys that begin with `_live_stash` are reserved.
 * @param options Where to listen for the server's events, for pages that tests make. Default: `window`.
 * @returns The function for LiveSocket's `params` option. Every call gives a fresh object.
 */
export function initLiveStash(
  params?: UserParams,
  options?: { readonly window?: EventTarget },
): JoinParams {
  const heldStrings: HeldStrings = new Map<string, string>();
  const page = options?.window ?? window;
  const storage = createTabStorage(page as Window);
  page.addEventListener(WINDOW_HOLD_EVENT, (event) => {
    applyHoldEvent(heldStrings, storage, (event as CustomEvent<unknown>).detail);
  });
  for (const type of ["input", "change", "submit"]) page.addEventListener(type, unmarkForm, true);

  return (...args) => {
    // A fresh object each time: LiveView writes keys of its own into it, and a shared one would
    // carry them, and the held string with them, into the next connection's URL.
    const joinParams: Record<string, unknown> = {
      ...(isFunction(params) ? params(...args) : params),
    };
    if (args[0] !== undefined) {
      const { id } = args[0];
      const recalled = storage.recall(id);
      if (recalled !== undefined) heldStrings.set(id, recalled);
      const held = heldStrings.get(id);
      if (held !== undefined) joinParams[HELD_PARAM] = held;
      if (storage.reloads > 0) joinParams[PAGE_PARAM] = storage.reloads;
      markForms(args[0]);
    }
    return joinParams;
  };
}

function isFunction(params: UserParams | undefined): params is ParamsFunction {
  return typeof params === "function";
}

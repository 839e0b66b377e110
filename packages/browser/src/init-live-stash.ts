import {
  applyTokenEvent,
  TOKEN_PARAM,
  type Tokens,
  PAGE_PARAM,
  WINDOW_TOKEN_EVENT,
} from "./tokens.ts";
import { markForms, unmarkForm } from "./recovered-forms.ts";
import { createTabStorage } from "./tab-storage.ts";

/**
 * Your own connect parameters, such as the CSRF token: an object, or a function that returns one.
 * LiveSocket calls the function with the view's container element when that view joins, and without
 * arguments for the WebSocket's URL.
 */
export type UserParams = object | ParamsFunction;

type ParamsFunction = (element?: HTMLElement) => object;

/** The option `params` of `new LiveSocket(path, Socket, { params })`. */
export type JoinParams = (element?: HTMLElement) => Record<string, unknown>;

/**
 * Returns each view's token to the server when the view joins again after a lost connection:
 * `new LiveSocket("/live", Socket, { params: initLiveStash({ _csrf_token }) })`.
 *
 * When a view joins again, the client sends the events of its forms again. These events get the value
 * `_recovered`: `same` if the form shows what the server rendered, `edited` if not.
 *
 * Call `initLiveStash()` once per `LiveSocket`, in the browser, before `connect()`. It adds four listeners
 * to `window`, which stay for the life of the page. Tokens live in this page's memory, so a page load or
 * another tab starts without any. Only for a view with the server's option `recoverAfterReload`, the token
 * is also kept in `sessionStorage`, for a reload in the same tab.
 *
 * A token becomes part of the payload with which its view joins, and never of the WebSocket's URL, because
 * URLs are short and land in access logs.
 *
 * @param params Your own connect parameters. Default: none. Keys that begin with `_live_stash` are reserved.
 * @param options The target of the server's events, for pages created by tests. Default: `window`.
 * @returns The function for LiveSocket's option `params`. Every call returns a new object.
 */
export function initLiveStash(
  params?: UserParams,
  options?: { readonly window?: EventTarget },
): JoinParams {
  const tokens: Tokens = new Map<string, string>();
  const page = options?.window ?? window;
  const storage = createTabStorage(page as Window);
  page.addEventListener(WINDOW_TOKEN_EVENT, (event) => {
    applyTokenEvent(tokens, storage, (event as CustomEvent<unknown>).detail);
  });
  for (const type of ["input", "change", "submit"]) page.addEventListener(type, unmarkForm, true);

  return (...args) => {
    // A new object each time: LiveView adds keys of its own, and a shared object would take these keys
    // and the token into the next connection's URL.
    const joinParams: Record<string, unknown> = {
      ...(isFunction(params) ? params(...args) : params),
    };
    if (args[0] !== undefined) {
      const { id } = args[0];
      const recalled = storage.recall(id);
      if (recalled !== undefined) tokens.set(id, recalled);
      const token = tokens.get(id);
      if (token !== undefined) joinParams[TOKEN_PARAM] = token;
      if (storage.reloads > 0) joinParams[PAGE_PARAM] = storage.reloads;
      markForms(args[0]);
    }
    return joinParams;
  };
}

function isFunction(params: UserParams | undefined): params is ParamsFunction {
  return typeof params === "function";
}

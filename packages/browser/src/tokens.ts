import type { TabStorage } from "./tab-storage.ts";

/** The join parameter in which the browser returns the view's token. */
export const TOKEN_PARAM = "_live_stash";

/**
 * The join parameter with the number of times that this tab has reloaded its page, from which the server
 * knows which of two views came later. Absent before the first reload.
 */
export const PAGE_PARAM = "_live_stash_page";

/** The name under which LiveView dispatches the server's `live-stash:hold` event on `window`. */
export const WINDOW_TOKEN_EVENT = "phx:live-stash:hold";

/** The tokens of this page: one opaque string per view, by the id of the view's container element. */
export type Tokens = Pick<Map<string, string>, "get" | "set" | "delete">;

/**
 * Stores, renews or drops a view's token as an event of the server demands. Any script of the page can
 * dispatch such an event, and `window` receives those of every view, so an unknown detail is ignored.
 */
export function applyTokenEvent(tokens: Tokens, storage: TabStorage, detail: unknown): void {
  const { v: view, h: token, r: renewal, s } = (detail ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof view !== "string") return;
  const current = tokens.get(view);
  if (typeof token === "string") {
    tokens.set(view, token);
    storage.keep(view, s ? token : undefined);
  } else if (token === null) {
    tokens.delete(view);
    storage.keep(view, undefined);
  } else if (typeof renewal === "string" && current !== undefined) {
    const renewed = `${current.replace(/~[^~]*$/, "")}~${renewal}`;
    tokens.set(view, renewed);
    storage.renew(view, renewed);
  }
}

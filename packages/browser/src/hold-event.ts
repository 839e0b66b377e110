/** The join parameter in which the browser returns what it holds for the view. */
export const HELD_PARAM = "_live_stash";

/**
 * The join parameter that says how often this tab has loaded its page anew, so that the server knows
 * which of two views came later. Absent if it has not.
 */
export const PAGE_PARAM = "_live_stash_page";

/** The name under which LiveView dispatches the server's `live-stash:hold` event on `window`. */
export const WINDOW_HOLD_EVENT = "phx:live-stash:hold";

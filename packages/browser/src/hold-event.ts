/** The join parameter in which the browser returns what it holds for the view. */
export const HELD_PARAM = "_live_stash";

/** The name under which LiveView dispatches the server's `live-stash:hold` event on `window`. */
export const WINDOW_HOLD_EVENT = "phx:live-stash:hold";

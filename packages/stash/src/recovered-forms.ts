import type { StashedView } from "./stashed-view.ts";

/**
 * The value by which an event that the client sends by itself, for a form of a page that has joined
 * again, can be told from one of a person. `@live-stash/browser` sets it: `same` if the form shows what
 * the server rendered, `edited` if it shows something that the server may not have seen.
 */
export const RECOVERED_VALUE = "_recovered";

/**
 * Whether an event would only undo the recovery: the form shows what the stashed state had led to, and
 * that state is back. Without the recovery the view wants the event, as what it shows is lost.
 */
export function isUndoing(view: StashedView, value: Readonly<Record<string, unknown>>): boolean {
  const recovered = value[RECOVERED_VALUE];
  if (recovered === undefined) return false;
  const { recovery } = view;
  // What follows is not of a person either: a late recovery may take its place.
  if (recovery.status === "pending" && recovered === "same") recovery.isRendered = false;
  return recovered === "same" && view.recoveredAtMs !== undefined;
}

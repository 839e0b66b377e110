import type { TabStorage } from "./tab-storage.ts";

/** What this page holds: one opaque string per view, under the id of the view's container element. */
export type HeldStrings = Pick<Map<string, string>, "get" | "set" | "delete">;

/**
 * Does what a hold event says. Any script of the page can dispatch such an event, and `window` hears
 * those of every view, so a detail that is not of a known shape changes nothing.
 */
export function applyHoldEvent(
  heldStrings: HeldStrings,
  storage: TabStorage,
  detail: unknown,
): void {
  const { v: view, h: held, r: renewal, s } = (detail ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof view !== "string") return;
  const current = heldStrings.get(view);
  if (typeof held === "string") {
    heldStrings.set(view, held);
    storage.keep(view, s ? held : undefined);
  } else if (held === null) {
    heldStrings.delete(view);
    storage.keep(view, undefined);
  } else if (typeof renewal === "string" && current !== undefined) {
    const renewed = `${current.replace(/~[^~]*$/, "")}~${renewal}`;
    heldStrings.set(view, renewed);
    storage.renew(view, renewed);
  }
}

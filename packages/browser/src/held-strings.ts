/** What this page holds: one opaque string per view, under the id of the view's container element. */
export type HeldStrings = Pick<Map<string, string>, "get" | "set" | "delete">;

/**
 * Does what a hold event says. Any script of the page can dispatch such an event, and `window` hears
 * those of every view, so a detail that is not one of the three known shapes changes nothing.
 */
export function applyHoldEvent(heldStrings: HeldStrings, detail: unknown): void {
  const { view, held, renew } = (detail ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof view !== "string") return;
  if (typeof held === "string") {
    heldStrings.set(view, held);
  } else if (held === null) {
    heldStrings.delete(view);
  } else if (typeof renew === "string") {
    const current = heldStrings.get(view);
    if (current !== undefined) heldStrings.set(view, renewed(current, renew));
  }
}

function renewed(current: string, renew: string): string {
  const lastTilde = current.lastIndexOf("~");
  return `${lastTilde < 0 ? current : current.slice(0, lastTilde)}~${renew}`;
}

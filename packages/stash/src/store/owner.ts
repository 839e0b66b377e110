import { randomBytes } from "node:crypto";
import type { Owner } from "./adapter.ts";

/** How many of an owner's first characters are its order. */
export const ORDER_CHARACTERS = 10;

/** Whether `owner` is a view that came before `other` on the same page, and so must not replace it. */
export function isEarlierOwner(owner: Owner, other: Owner): boolean {
  return owner.slice(0, ORDER_CHARACTERS) < other.slice(0, ORDER_CHARACTERS);
}

/** Whether the page had a view before this one, as far as its browser counts them. */
export function hasPredecessor(owner: Owner): boolean {
  return /[^0]/.test(owner.slice(0, ORDER_CHARACTERS));
}

/** How often a tab has loaded its page anew, as its browser counts; absent if it does not. */
export const PAGE_PARAM = "_live_stash_page";

/** What orders the views of a page, the weightiest first, and how many characters each takes. */
const ORDER_PARAMS = [
  [PAGE_PARAM, 3],
  // Counted by the client of LiveView for each view of a page: its mounts, and since the last of
  // them its attempts.
  ["_mounts", 4],
  ["_mount_attempts", 3],
] as const;

/**
 * Makes up names for view instances: never the same twice, on no node, and in the order in which a
 * page's browser asked for them. What it says of that order is not trusted, and need not be: it is
 * about nobody's stash but its own.
 */
export function createOwners(): (connectParams: Readonly<Record<string, unknown>>) => Owner {
  const prefix = randomBytes(12).toString("base64url");
  let count = 0;
  return (connectParams) => {
    count += 1;
    let order = "";
    for (const [param, width] of ORDER_PARAMS) order += digits(connectParams[param], width);
    return `${order}${prefix}.${count.toString(36)}`;
  };
}

/** A count as text that compares like it; what is none is 0, what is too large the largest. */
function digits(value: unknown, width: number): string {
  const isCount = typeof value === "number" && Number.isInteger(value) && value > 0;
  const largest = 36 ** width - 1;
  return Math.min(isCount ? value : 0, largest)
    .toString(36)
    .padStart(width, "0");
}

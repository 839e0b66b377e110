import { randomBytes } from "node:crypto";
import type { Owner } from "./adapter.ts";

/** The length of the prefix of an owner that is its order. */
export const ORDER_CHARACTERS = 10;

/** Whether `owner` is an earlier view of the page than `other`, and so must not replace it. */
export function isEarlierOwner(owner: Owner, other: Owner): boolean {
  return owner.slice(0, ORDER_CHARACTERS) < other.slice(0, ORDER_CHARACTERS);
}

/** Whether the page had an earlier view, as far as its browser counts them. */
export function hasPredecessor(owner: Owner): boolean {
  return /[^0]/.test(owner.slice(0, ORDER_CHARACTERS));
}

/** The join parameter with the number of times that a tab has loaded its page, if its browser counts them. */
export const PAGE_PARAM = "_live_stash_page";

/** The counts that order the views of a page, most significant first, and the characters for each. */
const ORDER_PARAMS = [
  [PAGE_PARAM, 3],
  // Counted by the LiveView client for each view of a page: its mounts, and its attempts since the last
  // mount.
  ["_mounts", 4],
  ["_mount_attempts", 3],
] as const;

/**
 * Creates a generator of owners, which are unique across nodes and ordered as the page's browser requested
 * their views. The browser's counts need not be trusted: they affect only its own stashes.
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

/** Encodes a count as text that sorts like the count. An invalid count is 0, a too large one the largest. */
function digits(value: unknown, width: number): string {
  const isCount = typeof value === "number" && Number.isInteger(value) && value > 0;
  const largest = 36 ** width - 1;
  return Math.min(isCount ? value : 0, largest)
    .toString(36)
    .padStart(width, "0");
}

// What a page needs to know of LiveView's wire format, without k6: so it can be tested without, too.

/**
 * @typedef {{ [key: string]: unknown }} Tree a rendered tree, or a part of one
 * @typedef {{ csrfToken: string, id: string, session: string, staticToken: string | null }} Head
 * @typedef {{ status: string, count: number, size: number, probe: string }} Card
 */

const CARD =
  /<section id="card" data-status="([^"]*)" data-count="(\d+)" data-size="(\d+)" data-probe="([^"]*)">/;

/**
 * What a page's first response says about its view.
 *
 * @param {string} html
 * @returns {Head | undefined}
 */
export function readHead(html) {
  const container = /<[a-z]+ [^>]*data-phx-main[^>]*>/.exec(html);
  const csrf = /<meta name="csrf-token" content="([^"]*)"/.exec(html);
  if (container === null || csrf === null) return undefined;
  const attribute = (/** @type {string} */ name) =>
    (new RegExp(` ${name}="([^"]*)"`).exec(container[0]) || ["", ""])[1] || "";
  return {
    csrfToken: csrf[1] || "",
    id: attribute("id"),
    session: attribute("data-phx-session"),
    staticToken: attribute("data-phx-static") || null,
  };
}

/**
 * @param {string} html
 * @returns {Card | undefined}
 */
export function readCard(html) {
  const found = CARD.exec(html);
  if (found === null) return undefined;
  return {
    status: found[1] || "",
    count: Number(found[2]),
    size: Number(found[3]),
    probe: found[4] || "",
  };
}

/**
 * A view's HTML, for views without lists and components.
 *
 * @param {unknown} part
 * @param {Tree} [templates]
 * @returns {string}
 */
export function printTree(part, templates = {}) {
  if (typeof part !== "object" || part === null) return String(part);
  const tree = /** @type {Tree} */ (part);
  const known = /** @type {Tree} */ (tree.p || templates);
  const statics = /** @type {string[]} */ (typeof tree.s === "number" ? known[tree.s] : tree.s);
  return statics
    .map((text, index) => (index === 0 ? text : printTree(tree[index - 1], known) + text))
    .join("");
}

/**
 * Merges a diff into a tree: what has statics replaces, what has none is merged into what is there.
 *
 * @param {Tree} tree
 * @param {Tree} diff
 * @returns {Tree}
 */
export function mergeTree(tree, diff) {
  if (diff.s !== undefined) return diff;
  const merged = { ...tree };
  for (const key of Object.keys(diff)) {
    const before = tree[key];
    const change = diff[key];
    const goesOn = /^\d+$/.test(key) && isTree(before) && isTree(change);
    if (/^\d+$/.test(key)) merged[key] = goesOn ? mergeTree(before, change) : change;
  }
  return merged;
}

/**
 * What the page holds after a view's events, those that come with its join included, as
 * `@live-stash/browser` would keep it: each in its turn, so the last one counts.
 *
 * @param {string | undefined} held
 * @param {unknown} events `[["live-stash:hold", detail], …]`
 * @returns {string | undefined}
 */
export function holdAfter(held, events) {
  let now = held;
  for (const [name, detail] of /** @type {[string, Tree][]} */ (events || [])) {
    if (name !== "live-stash:hold" || !isTree(detail) || typeof detail.v !== "string") continue;
    if (typeof detail.h === "string") now = detail.h;
    else if (detail.h === null) now = undefined;
    else if (typeof detail.r === "string" && now !== undefined) {
      now = `${now.replace(/~[^~]*$/, "")}~${detail.r}`;
    }
  }
  return now;
}

/**
 * @param {unknown} value
 * @returns {value is Tree}
 */
function isTree(value) {
  return typeof value === "object" && value !== null;
}

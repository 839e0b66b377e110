import type { StreamItem } from "./client-stream.ts";
import type { WireStatics } from "./tree.ts";

// Trees are immutable, so that moved entries and components can share parts.

/** The value of a dynamic: escaped HTML, a component's id, a node or a list. */
export type Part = string | number | Node | List;
/** The components of a view by their id. */
export type Components = ReadonlyMap<number, Node>;

/** A rendered node. */
export interface Node {
  readonly kind: "node";
  readonly statics: WireStatics;
  readonly dynamics: readonly Part[];
  /** Whether the node came with `r`, and so must print exactly one element. */
  readonly isElement: boolean;
}

/** A rendered list; a list of a stream has items instead of entries. */
export interface List {
  readonly kind: "list";
  readonly statics: WireStatics;
  readonly entries: readonly (readonly Part[])[];
  readonly stream: Stream | undefined;
}

/** A stream. Its items are set after the components of the same diff, which they may contain. */
export interface Stream {
  readonly ref: string;
  items: readonly StreamItem<Node>[];
}

/** A view's tree. */
export interface TreeState {
  readonly root: Node;
  readonly components: Components;
}

/** The tree before a view has joined. */
export const EMPTY_TREE: TreeState = {
  root: { kind: "node", statics: [""], dynamics: [], isElement: false },
  components: new Map(),
};

/** Throws the error for a diff that does not fit the tree. */
export function malformed(expected: string, found: string): never {
  throw new Error(`Merging a diff: expected ${expected}, found ${found}.`);
}

// The official client's own pattern: it has to find the tag that it writes its attributes into.
const ELEMENT_START = /^\s*(?:<!--.*?-->\s*)*<[^\s/>]/;

/**
 * Prints a part of a tree as HTML.
 * @throws Error if a component is missing, or a node with `r` does not start with an element.
 */
export function printPart(part: Part, components: Components): string {
  if (typeof part === "string") return part;
  if (typeof part === "number") {
    return printPart(components.get(part) ?? malformed(`component ${part}`, "none"), components);
  }
  if (part.kind === "node") {
    const printed = interleave(part.statics, part.dynamics, components);
    if (!part.isElement || ELEMENT_START.test(printed)) return printed;
    return malformed("an element where a node has `r`", "none");
  }
  const items = part.stream?.items.map(({ content }) => printPart(content, components)) ?? [];
  const entries = part.entries.map((entry) => interleave(part.statics, entry, components));
  return items.join("") + entries.join("");
}

function interleave(
  statics: WireStatics,
  dynamics: readonly Part[],
  components: Components,
): string {
  let printed = statics[0] ?? "";
  dynamics.forEach((dynamic, index) => {
    printed += printPart(dynamic, components) + (statics[index + 1] ?? "");
  });
  return printed;
}

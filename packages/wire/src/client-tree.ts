import { mergeTree } from "./merge-tree.ts";
import { EMPTY_TREE, printPart, type TreeState } from "./rendered-tree.ts";
import type { WireEvent, WireTree } from "./tree.ts";

/** The parts of a diff besides changes of the tree. */
export interface ClientEffects {
  /** Events for the page, in order. */
  readonly events: readonly WireEvent[];
  /** The reply for the hook that pushed the event; null if there is none. */
  readonly reply: unknown;
  /** The new page title, if there is one. */
  readonly title: string | undefined;
}

/** A view's tree, as the official client stores it. */
export interface ClientTree {
  /** The parts of the join besides the tree. */
  readonly joinEffects: ClientEffects;
  /**
   * Merges a diff.
   * @throws Error if the diff does not fit the tree; the official client would throw or render wrong
   * HTML. The tree then stays as it was.
   */
  merge(diff: WireTree): ClientEffects;
  /** Removes components, as the reply to `cids_destroyed` demands. */
  dropComponents(cids: readonly number[]): void;
  /**
   * Prints the view's HTML as in a browser's document, without the client's own attributes.
   * Positions of stream items count only items, not other elements of their container.
   */
  toHtml(): string;
}

/** Merges a join's tree and later diffs like the official client: for tests and load generators. */
export function createClientTree(join: WireTree): ClientTree {
  let state: TreeState = EMPTY_TREE;
  const merge = (diff: WireTree): ClientEffects => {
    state = mergeTree(state, diff);
    return { events: diff.e ?? [], reply: diff.r ?? null, title: diff.t };
  };
  return {
    joinEffects: merge(join),
    merge,
    dropComponents(cids) {
      const components = new Map(state.components);
      for (const cid of cids) components.delete(cid);
      state = { ...state, components };
    },
    toHtml: () => printPart(state.root, state.components),
  };
}

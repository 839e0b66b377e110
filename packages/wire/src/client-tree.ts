import { mergeTree } from "./merge-tree.ts";
import { EMPTY_TREE, printPart, type TreeState } from "./rendered-tree.ts";
import type { WireEvent, WireTree } from "./tree.ts";

/** What a diff carries besides changes of the tree. */
export interface ClientEffects {
  /** Events for the page, in order. */
  readonly events: readonly WireEvent[];
  /** The reply for the hook that pushed the event; null if there is none. */
  readonly reply: unknown;
  /** The new page title, if there is one. */
  readonly title: string | undefined;
}

/** A view's tree, held as the official client holds it. */
export interface ClientTree {
  /** What the join carried besides the tree. */
  readonly joinEffects: ClientEffects;
  /**
   * Merges a diff.
   * @throws Error if the diff does not fit the tree, where the official client would throw too or
   * print garbage. The tree is then as before.
   */
  merge(diff: WireTree): ClientEffects;
  /** Forgets components, as the reply to `cids_destroyed` demands. */
  dropComponents(cids: readonly number[]): void;
  /**
   * The view's HTML as a browser's document would hold it, less the client's own attributes.
   * Positions of stream items count the items only, not other elements beside them.
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

import type { WireDynamic, WireDynamics, WireNode } from "@live-stash/wire";
import { contentOf } from "../template/print-html.ts";
import type { Hole } from "../template/shape.ts";
import { checkKeys, List, settledValue, Template } from "../template/template.ts";
import { areListsAlike, diffList } from "./diff-list.ts";
import { fullDynamic, fullEntry, putDynamics } from "./full-tree.ts";
import { SharedStatics } from "./shared-statics.ts";

/**
 * Computes the smallest diff from one render of a view to the next, as JSON values to send in a
 * `diff` push or in a reply.
 * @param previous The render that the client shows; `undefined` for the tree of a join.
 * @returns `undefined` if nothing changed; the whole tree if there is no previous render, or if its
 * outermost template is a different one.
 * @throws LiveViewError `invalid_value` if a value cannot be printed in its place, `duplicate_key`
 * if two items of a keyed list have the same key.
 */
export function diffTemplates(
  previous: Template | undefined,
  next: Template,
): WireNode | undefined {
  if (previous === next) return undefined;
  const statics = new SharedStatics();
  let root: WireNode | undefined;
  if (previous?.shape === next.shape) {
    root = diffDynamics(previous, next, statics);
  } else {
    // Never shared: the client starts a new tree only if the outermost statics are written out.
    root = { s: next.shape.statics };
    putDynamics(root, next, statics);
  }
  if (root !== undefined) statics.shareIn(root);
  return root;
}

/** Returns the dynamics that differ between two templates of one shape, or `undefined` if none do. */
function diffDynamics(
  previous: Template,
  next: Template,
  statics: SharedStatics,
): WireDynamics | undefined {
  const { holes } = next.shape;
  const before = previous.values;
  const after = next.values;
  let changes: WireDynamics | undefined;
  for (let index = 0; index < holes.length; index += 1) {
    // Most values of a page stay the same: comparing the raw values saves printing both.
    if (before[index] === after[index]) continue;
    const hole = holes[index];
    if (hole === undefined) continue;
    const change = diffDynamic(
      hole,
      settledValue(previous, index),
      settledValue(next, index),
      statics,
    );
    if (change === undefined) continue;
    changes ??= {};
    changes[index] = change;
  }
  return changes;
}

/** Returns the change of one dynamic, or `undefined` if both values print the same. */
function diffDynamic(
  hole: Hole,
  previous: unknown,
  next: unknown,
  statics: SharedStatics,
): WireDynamic | undefined {
  const before = contentOf(hole, previous);
  const after = contentOf(hole, next);
  if (before === after) return undefined;
  if (before instanceof Template && after instanceof Template && before.shape === after.shape) {
    return diffDynamics(before, after, statics);
  }
  if (before instanceof List && after instanceof List && areListsAlike(before, after)) {
    return diffList(before, after, {
      full: (position) => fullEntry(hole, after, position, statics),
      diff: (from, position) => diffEntry(hole, before, from, after, position, statics),
      checkKeys: () => checkKeys(after, hole.near),
    });
  }
  return fullDynamic(hole, after, statics);
}

function diffEntry(
  hole: Hole,
  previous: List,
  from: number,
  next: List,
  position: number,
  statics: SharedStatics,
): WireDynamics | undefined {
  const before = previous.templates?.[from];
  const after = next.templates?.[position];
  if (before !== undefined && after !== undefined) {
    return before === after ? undefined : diffDynamics(before, after, statics);
  }
  const change = diffDynamic(hole, previous.entries[from], next.entries[position], statics);
  return change === undefined ? undefined : { 0: change };
}

import type { WireDynamic, WireDynamics } from "@live-stash/wire";
import { contentOf } from "../template/content.ts";
import { settledValue } from "../template/settled-value.ts";
import type { Hole } from "../template/shape.ts";
import { checkKeys, List, Template } from "../template/template.ts";
import { areListsAlike, diffList } from "./diff-list.ts";
import { fullDynamic, fullEntry } from "./full-node.ts";
import type { SharedStatics } from "./shared-statics.ts";

/** The dynamics that differ between two templates of one shape, or `undefined` if none do. */
export function diffDynamics(
  previous: Template,
  next: Template,
  statics: SharedStatics,
): WireDynamics | undefined {
  const { holes } = next.shape;
  const before = previous.values;
  const after = next.values;
  let changes: WireDynamics | undefined;
  for (let index = 0; index < holes.length; index += 1) {
    // Most values of a page stay: they are compared as they are, before anything is printed.
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

/** The change of one dynamic, or `undefined` if both values print the same. */
export function diffDynamic(
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

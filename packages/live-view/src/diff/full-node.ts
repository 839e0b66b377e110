import type { WireComprehension, WireDynamic, WireDynamics, WireNode } from "@live-stash/wire";
import { contentOf, type Content } from "../template/content.ts";
import { List } from "../template/list.ts";
import type { Hole, Shape } from "../template/shape.ts";
import { Template } from "../template/template.ts";
import type { SharedStatics } from "./shared-statics.ts";

/** The shape of the entries of a list that are not all of one shape: their only dynamic. */
const ANY_ENTRY: Shape = {
  statics: ["", ""],
  holes: [],
  composedUrls: [],
  staticsLength: JSON.stringify(["", ""]).length,
};

/** A template as the client needs it where it holds nothing of the same shape. */
export function fullNode(template: Template, statics: SharedStatics): WireNode {
  const node: WireNode = {};
  statics.put(node, template.shape);
  putDynamics(node, template, statics);
  return node;
}

/** Writes every dynamic of a template. */
export function putDynamics(node: WireDynamics, template: Template, statics: SharedStatics): void {
  const { values, shape } = template;
  const { holes } = shape;
  for (let index = 0; index < holes.length; index += 1) {
    const hole = holes[index];
    if (hole === undefined) continue;
    node[index] = fullDynamic(hole, contentOf(hole, values[index]), statics);
  }
}

/** Content as the client needs it where it holds nothing alike. */
export function fullDynamic(hole: Hole, content: Content, statics: SharedStatics): WireDynamic {
  if (typeof content === "string") return content;
  return content instanceof Template
    ? fullNode(content, statics)
    : fullComprehension(hole, content, statics);
}

function fullComprehension(hole: Hole, list: List, statics: SharedStatics): WireComprehension {
  const node: WireComprehension = { k: { kc: list.entries.length } };
  statics.put(node, list.entryShape ?? ANY_ENTRY);
  list.entries.forEach((entry, position) => {
    node.k[position] = fullEntry(hole, list, entry, statics);
  });
  return node;
}

/** One entry of a list, with all its dynamics. */
export function fullEntry(
  hole: Hole,
  list: List,
  entry: unknown,
  statics: SharedStatics,
): WireDynamics {
  if (list.entryShape === undefined || !(entry instanceof Template)) {
    return { 0: fullDynamic(hole, contentOf(hole, entry), statics) };
  }
  const node: WireDynamics = {};
  putDynamics(node, entry, statics);
  return node;
}

import type { WireComprehension, WireDynamic, WireDynamics, WireNode } from "@live-stash/wire";
import { type Content, contentOf } from "../template/print-html.ts";
import type { Hole, Shape } from "../template/shape.ts";
import { checkKeys, type List, settledValue, Template } from "../template/template.ts";
import type { SharedStatics } from "./shared-statics.ts";

/** The shape for entries of different shapes: each entry is its only dynamic. */
const ANY_ENTRY: Shape = {
  statics: ["", ""],
  holes: [],
  composedUrls: [],
  staticsLength: JSON.stringify(["", ""]).length,
  isOneElement: false,
};

/** Encodes a whole template, for a place where the client has no template of the same shape. */
function fullNode(template: Template, statics: SharedStatics): WireNode {
  const node: WireNode = {};
  statics.put(node, template.shape);
  if (template.shape.isOneElement) node.r = 1;
  putDynamics(node, template, statics);
  return node;
}

/** Encodes every dynamic of a template into `node`. */
export function putDynamics(node: WireDynamics, template: Template, statics: SharedStatics): void {
  const { holes } = template.shape;
  for (let index = 0; index < holes.length; index += 1) {
    const hole = holes[index];
    if (hole === undefined) continue;
    node[index] = fullDynamic(hole, contentOf(hole, settledValue(template, index)), statics);
  }
}

/** Encodes whole content, for a place where the client has nothing to compare with. */
export function fullDynamic(hole: Hole, content: Content, statics: SharedStatics): WireDynamic {
  if (typeof content === "string") return content;
  return content instanceof Template
    ? fullNode(content, statics)
    : fullComprehension(hole, content, statics);
}

function fullComprehension(hole: Hole, list: List, statics: SharedStatics): WireComprehension {
  checkKeys(list, hole.near);
  const node: WireComprehension = { k: { kc: list.entries.length } };
  statics.put(node, list.entryShape ?? ANY_ENTRY);
  for (let position = 0; position < list.entries.length; position += 1) {
    node.k[position] = fullEntry(hole, list, position, statics);
  }
  return node;
}

/** Encodes one entry of a list with all its dynamics. */
export function fullEntry(
  hole: Hole,
  list: List,
  position: number,
  statics: SharedStatics,
): WireDynamics {
  const template = list.templates?.[position];
  if (template === undefined) {
    return { 0: fullDynamic(hole, contentOf(hole, list.entries[position]), statics) };
  }
  const node: WireDynamics = {};
  putDynamics(node, template, statics);
  return node;
}

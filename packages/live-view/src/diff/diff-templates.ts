import type { WireNode } from "@live-stash/wire";
import type { Template } from "../template/template.ts";
import { diffDynamics } from "./diff-dynamics.ts";
import { putDynamics } from "./full-node.ts";
import { SharedStatics } from "./shared-statics.ts";

/**
 * The smallest diff that leads a client from one render of a view to the next: JSON-ready, ready
 * to be sent as a `diff` or in a reply.
 * @param previous What the client holds; `undefined` for the tree of a join.
 * @returns `undefined` if nothing changed; the whole tree if there is no previous one, or if its
 * outermost template is another one.
 * @throws LiveViewError `invalid_value` if a value cannot be printed where it stands,
 * `duplicate_key` if two items of a keyed list have the same key.
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
    // The outermost statics are written out: the client takes a number there for no new tree.
    root = { s: next.shape.statics };
    putDynamics(root, next, statics);
  }
  if (root !== undefined) statics.shareIn(root);
  return root;
}

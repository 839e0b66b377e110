import type { WireComprehension, WireNode } from "@live-stash/wire";
import type { Shape } from "../template/shape.ts";

/** The length of `"p":{},` in JSON. */
const FRAME_LENGTH = 7;

/**
 * Collects the statics of one diff. They are written out in every node until the diff is complete;
 * then those that are shorter once in `p` at its root are moved there.
 */
export class SharedStatics {
  readonly #users = new Map<Shape, (WireNode | WireComprehension)[]>();

  /** Writes the statics of a shape into a node. */
  put(node: WireNode | WireComprehension, shape: Shape): void {
    node.s = shape.statics;
    const users = this.#users.get(shape);
    if (users === undefined) this.#users.set(shape, [node]);
    else users.push(node);
  }

  /** Moves statics used more than once into `root.p` where that makes the diff shorter. */
  shareIn(root: WireNode): void {
    const shared: [Shape, (WireNode | WireComprehension)[]][] = [];
    let saved = -FRAME_LENGTH;
    for (const [shape, users] of this.#users) {
      const digits = String(shared.length).length;
      const inline = shape.staticsLength * users.length;
      // The statics once in `p` with `"0":` and a comma, and their number in each user.
      const once = shape.staticsLength + digits + 4 + digits * users.length;
      if (inline <= once) continue;
      shared.push([shape, users]);
      saved += inline - once;
    }
    if (saved <= 0) return;
    const templates: Record<number, readonly string[]> = {};
    shared.forEach(([shape, users], number) => {
      templates[number] = shape.statics;
      for (const user of users) user.s = number;
    });
    root.p = templates;
  }
}

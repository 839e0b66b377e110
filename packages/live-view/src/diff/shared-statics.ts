import type { WireComprehension, WireNode } from "@live-stash/wire";
import type { Shape } from "../template/shape.ts";

/** Length of `"p":{},` in JSON. */
const FRAME_LENGTH = 7;

/**
 * The statics of one diff: written out where they are used, until the diff is complete and it is
 * known which of them are shorter written once, in `p` at its root.
 */
export class SharedStatics {
  readonly #users = new Map<Shape, (WireNode | WireComprehension)[]>();

  /** Gives a node its statics. */
  put(node: WireNode | WireComprehension, shape: Shape): void {
    node.s = shape.statics;
    const users = this.#users.get(shape);
    if (users === undefined) this.#users.set(shape, [node]);
    else users.push(node);
  }

  /** Shares what is worth it, below `root`. */
  shareIn(root: WireNode): void {
    const shared: [Shape, (WireNode | WireComprehension)[]][] = [];
    let saved = -FRAME_LENGTH;
    for (const [shape, users] of this.#users) {
      const digits = String(shared.length).length;
      const inline = shape.staticsLength * users.length;
      // Once in `p`, with `"0":` and a comma, and a number for each user.
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

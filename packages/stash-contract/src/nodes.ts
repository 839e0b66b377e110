import type { AdapterNode } from "./adapter-node.ts";
import type { Workbench } from "./workbench.ts";

/** Where the two views of a test live. */
export type Placement = "one node" | "two nodes";

/** The node of the old owner, and that of the new one. */
export async function openNodes(
  bench: Workbench,
  placement: Placement,
): Promise<{ readonly first: AdapterNode; readonly second: AdapterNode }> {
  const first = await bench.open();
  return { first, second: placement === "one node" ? first : await bench.open() };
}

import type { StashAdapter } from "./store/adapter.ts";

/** The part of an adapter that gives its stashes to other nodes; `MemoryAdapter` has it. */
interface HandsOver {
  handOver(options: { readonly signal: AbortSignal }): Promise<unknown>;
}

/** Half of the time that a server gives to a hook by default: the other half is for closing. */
const HAND_OVER_MS = 5_000;

const closing = new WeakMap<StashAdapter, Promise<void>>();

/**
 * Closes an adapter for good, once for all the views that share it: stashes that only this node has go
 * to other nodes first, where the adapter can hand them over.
 */
export function closeAdapter(adapter: StashAdapter): Promise<void> {
  let closed = closing.get(adapter);
  if (closed === undefined) {
    closed = handOverAndClose(adapter);
    closing.set(adapter, closed);
  }
  return closed;
}

async function handOverAndClose(adapter: StashAdapter): Promise<void> {
  try {
    if (canHandOver(adapter)) await adapter.handOver({ signal: AbortSignal.timeout(HAND_OVER_MS) });
  } finally {
    await adapter.close();
  }
}

function canHandOver(adapter: StashAdapter): adapter is StashAdapter & HandsOver {
  return "handOver" in adapter && typeof adapter.handOver === "function";
}

import type { StashAdapter } from "../store/adapter.ts";

/** Half of the time that a server gives to a hook by default: the other half is left for closing. */
const HAND_OVER_MS = 5_000;

/** The part of an adapter that transfers its stashes to other nodes; `MemoryAdapter` has it. */
interface HandsOver {
  handOver(options: { readonly signal: AbortSignal }): Promise<unknown>;
}

/** Hands the adapter's stashes over to other nodes, if it can, and closes it. */
export async function closeAdapter(adapter: StashAdapter): Promise<void> {
  try {
    if (canHandOver(adapter)) await adapter.handOver({ signal: AbortSignal.timeout(HAND_OVER_MS) });
  } finally {
    await adapter.close();
  }
}

function canHandOver(adapter: StashAdapter): adapter is StashAdapter & HandsOver {
  return "handOver" in adapter && typeof adapter.handOver === "function";
}

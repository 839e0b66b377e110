import { channels, type PeerLookupEvent } from "../channels.ts";
import type { LookupOutcome } from "./lookup.ts";

/** Publishes what a lookup at other nodes comes to. */
export async function traceLookup(lookup: () => Promise<LookupOutcome>): Promise<LookupOutcome> {
  if (!channels.peerLookup.hasSubscribers) return lookup();
  const startedMs = performance.now();
  const found = await lookup();
  const event: PeerLookupEvent = {
    source: found.source,
    status: found.outcome?.status ?? "unanswered",
    durationMs: performance.now() - startedMs,
  };
  channels.peerLookup.publish(event);
  return found;
}

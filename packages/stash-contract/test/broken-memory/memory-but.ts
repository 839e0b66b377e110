import { createMemoryAdapter } from "live-stash";
import type { StashAdapter, StashId } from "live-stash/adapter";

export interface Clock {
  now(): number;
}

/** An adapter with one defect. */
export type BrokenMemory = (clock: Clock) => StashAdapter;

const NOTHING = new Uint8Array(0);

/** Creates memory adapters that keep the contract except for the calls that `change` replaces. */
export const memoryBut =
  (change: (good: StashAdapter, clock: Clock) => Partial<StashAdapter>): BrokenMemory =>
  (clock) => {
    const good = createMemoryAdapter({ clock });
    return { ...good, ...change(good, clock) };
  };

/** Makes `owner` the owner, as only a store without fencing allows. */
export const seize = (good: StashAdapter, id: StashId, owner: string, expiresAtMs = Infinity) =>
  good.load({ id, owner, adapterData: NOTHING, expiresAtMs });

export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

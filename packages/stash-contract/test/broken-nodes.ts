import { createMemoryAdapter } from "live-stash";
import type { StashAdapter, StashId } from "live-stash/adapter";
import type { Clock } from "./broken-memory.ts";

/** Opens nodes of one store. */
export type BrokenNodes = (clock: Clock) => () => StashAdapter;

/** The state of a store as one node sees it. */
interface Beliefs {
  readonly owners: Map<StashId, string>;
  readonly records: Map<StashId, Uint8Array>;
}

/** Creates nodes of one store, closed one by one, that keep the contract except for `change`. */
const nodesBut =
  (change: (store: StashAdapter, beliefs: Beliefs) => Partial<StashAdapter>): BrokenNodes =>
  (clock) => {
    const store = createMemoryAdapter({ clock });
    return () => {
      const closed = createMemoryAdapter({ clock });
      let reached: StashAdapter = store;
      const changed = change(store, { owners: new Map(), records: new Map() });
      const claims = { sharedAcrossNodes: true, survivesRestart: true };
      const capabilities = { ...store.capabilities, ...claims };
      const node: StashAdapter = { ...store, ...changed, capabilities };
      return {
        ...node,
        save: (request) => (reached === store ? node : closed).save(request),
        load: (request) => (reached === store ? node : closed).load(request),
        keepAlive: (requests) => (reached === store ? node : closed).keepAlive(requests),
        forget: (request) => (reached === store ? node : closed).forget(request),
        async close() {
          if (reached === store && changed.close !== undefined) await changed.close();
          reached = closed;
          await closed.close();
        },
      };
    };
  };

const NOTHING = new Uint8Array(0);

/** Defects between nodes of one store. */
export const BROKEN_NODES = {
  "keep the contract": nodesBut(() => ({})),
  "trust their own list of owners": nodesBut((store, { owners }) => {
    const believe = async (id: StashId, owner: string): Promise<void> => {
      if (owners.get(id) !== owner) return;
      await store.load({ id, owner, adapterData: NOTHING, expiresAtMs: Infinity });
    };
    return {
      async save(request) {
        if (request.create) owners.set(request.id, request.owner);
        else await believe(request.id, request.owner);
        return store.save(request);
      },
      async load(request) {
        owners.set(request.id, request.owner);
        return store.load(request);
      },
      async forget(request) {
        await believe(request.id, request.owner);
        return store.forget(request);
      },
    };
  }),
  "see the saves of other nodes late": nodesBut((store, { owners }) => ({
    save(request) {
      owners.set(request.id, request.owner);
      return store.save(request);
    },
    load(request) {
      if (owners.has(request.id)) return store.load(request);
      owners.set(request.id, request.owner);
      return { status: "absent" };
    },
  })),
  "see the forgets of other nodes late": nodesBut((store, { records }) => ({
    save(request) {
      records.set(request.id, request.record.slice());
      return store.save(request);
    },
    async load(request) {
      const outcome = await store.load(request);
      const record = records.get(request.id);
      return outcome.status !== "absent" || record === undefined
        ? outcome
        : { status: "loaded", record };
    },
    async forget(request) {
      records.delete(request.id);
      return store.forget(request);
    },
  })),
  "lose their stashes when they close": nodesBut((store, { owners }) => ({
    save(request) {
      owners.set(request.id, request.owner);
      return store.save(request);
    },
    async close() {
      for (const [id, owner] of owners) await store.forget({ id, owner });
    },
  })),
} satisfies Record<string, BrokenNodes>;

import type { KeepAliveOutcome, LoadOutcome, SaveOutcome, StashAdapter } from "live-stash/adapter";
import type { LoadedCore } from "./load-core.ts";
import type { Loop, World } from "./virtual-time.ts";

interface Entry {
  owner: string;
  record: Uint8Array;
  expiresAtMs: number;
}

/** The store's latency without faults, in ms. */
const LATENCY_MS = 2;
const EPOCH_MS = 1_800_000_000_000;

/** A network store that follows the adapters' contract, and fails on demand. */
export class SimStore {
  readonly world: World;
  /** The time that a message takes in one direction, in ms. */
  latencyMs = LATENCY_MS;
  /** Whether the store executes requests, but its answers are lost. */
  losesAnswers = false;
  /** A bug: every view that saves becomes the owner. */
  ignoresOwners = false;
  /** The times at which the store lost all its entries, in ms. */
  readonly losses: number[] = [];
  /** The end of the store's last fault, in ms. */
  troubledUntilMs = 0;
  readonly #entries = new Map<string, Entry>();
  #isDown = false;
  #isFrozen = false;
  #waiting: (() => void)[] = [];
  /** Counts the times at which all connections were lost. */
  #connection = 0;
  readonly #names = new Map<string, string>();

  constructor(world: World) {
    this.world = world;
  }

  get isDown(): boolean {
    return this.#isDown;
  }

  get connection(): number {
    return this.#connection;
  }

  /** Gives a random id a readable name, such as `stash 2`, which is the same in each run of a history. */
  nameOf(kind: "stash" | "view", random: string): string {
    let name = this.#names.get(random);
    if (name === undefined) {
      name = `${kind} ${[...this.#names.values()].filter((other) => other.startsWith(kind)).length + 1}`;
      this.#names.set(random, name);
    }
    return name;
  }

  freeze(): void {
    this.#isFrozen = true;
  }

  thaw(): void {
    this.#isFrozen = false;
    for (const run of this.#waiting.splice(0)) run();
  }

  /** Ends the process and drops its pending requests. Its entries are kept, unless it `forgets`. */
  crash(forgets: boolean): void {
    this.#isDown = true;
    this.#isFrozen = false;
    this.#waiting = [];
    this.#connection += 1;
    if (!forgets) return;
    this.#entries.clear();
    this.losses.push(this.world.nowMs);
  }

  start(): void {
    this.#isDown = false;
  }

  /** Runs a client's request as soon as the store runs. */
  take(run: () => void): void {
    if (this.#isFrozen) this.#waiting.push(run);
    else run();
  }

  save(id: string, entry: Entry, create: boolean): SaveOutcome["status"] {
    const known = this.#find(id);
    if (known === undefined && !create) return "absent";
    const isOwned = known !== undefined && known.owner !== entry.owner;
    if (isOwned && !this.ignoresOwners) return "not_owner";
    this.#entries.set(id, entry);
    return "saved";
  }

  load(
    id: string,
    {
      owner,
      expiresAtMs,
      isEarlier,
    }: Pick<Entry, "owner" | "expiresAtMs"> & { isEarlier: IsEarlier },
  ): LoadOutcome {
    const known = this.#find(id);
    if (known === undefined) return { status: "absent" };
    if (isEarlier(owner, known.owner)) return { status: "superseded" };
    known.owner = owner;
    known.expiresAtMs = expiresAtMs;
    return { status: "loaded", record: new Uint8Array(known.record) };
  }

  keepAlive(id: string, owner: string, expiresAtMs: number): KeepAliveOutcome {
    const known = this.#find(id);
    if (known === undefined) return "absent";
    if (known.owner !== owner) return "not_owner";
    known.expiresAtMs = expiresAtMs;
    return "kept";
  }

  forget(id: string, owner: string): "forgotten" | "not_owner" | "absent" {
    const known = this.#find(id);
    if (known === undefined) return "absent";
    if (known.owner !== owner) return "not_owner";
    this.#entries.delete(id);
    return "forgotten";
  }

  #find(id: string): Entry | undefined {
    const known = this.#entries.get(id);
    if (known === undefined || known.expiresAtMs > EPOCH_MS + this.world.nowMs) return known;
    this.#entries.delete(id);
    return undefined;
  }
}

type IsEarlier = (owner: string, other: string) => boolean;

/**
 * Creates one process's adapter for the store. Each save and load returns `hint` as adapterData, like the
 * node's name with memory across nodes.
 */
export function createSimAdapter(
  core: LoadedCore,
  store: SimStore,
  loop: Loop,
  hint: number | undefined,
): StashAdapter {
  const { world } = store;
  const stash = (id: string): string => store.nameOf("stash", id);
  const view = (owner: string): string => store.nameOf("view", owner);
  let lastArrivalMs = 0;
  const adapterData = hint === undefined ? {} : { adapterData: Uint8Array.of(hint) };

  /** Sends a request. Requests of one client arrive in order; the answer may be lost. */
  const ask = <Outcome>(name: string, execute: () => Outcome): Promise<Outcome> =>
    new Promise((resolve, reject) => {
      const { connection } = store;
      const answer = (settle: () => void): void => world.arrive(store.latencyMs, loop, settle);
      const refuse = (): void =>
        answer(() => reject(new core.StashError("adapter_unavailable", `${name}: no connection`)));
      if (store.isDown) return refuse();
      lastArrivalMs = Math.max(lastArrivalMs, world.nowMs + store.latencyMs);
      world.arrive(lastArrivalMs - world.nowMs, undefined, () => {
        if (connection !== store.connection) return refuse();
        store.take(() => {
          const outcome = execute();
          world.note(() => `store: ${name}: ${describe(outcome)}`);
          if (store.losesAnswers) return;
          if (connection === store.connection) answer(() => resolve(outcome));
          else refuse();
        });
        return undefined;
      });
      return undefined;
    });

  return {
    name: "sim",
    capabilities: {
      sharedAcrossNodes: true,
      survivesRestart: true,
      browserHolds: "reference",
      needsKeepAlive: true,
      maxBytes: 100_000,
    },
    save({ id, owner, record, create, expiresAtMs }) {
      const entry = { owner, record: new Uint8Array(record), expiresAtMs };
      return ask(`${loop.name} saves ${stash(id)} for ${view(owner)}`, () => {
        const status = store.save(id, entry, create);
        return status === "saved" ? { status, ...adapterData } : { status };
      });
    },
    load({ id, owner, expiresAtMs }) {
      const request = { owner, expiresAtMs, isEarlier: core.isEarlierOwner };
      return ask(`${loop.name} loads ${stash(id)} for ${view(owner)}`, () => {
        const outcome = store.load(id, request);
        return outcome.status === "loaded" ? { ...outcome, ...adapterData } : outcome;
      });
    },
    keepAlive(requests) {
      const copies = requests.map(({ id, owner, expiresAtMs }) => ({ id, owner, expiresAtMs }));
      return ask(`${loop.name} keeps alive ${copies.map(({ id }) => stash(id)).join(", ")}`, () =>
        copies.map(({ id, owner, expiresAtMs }) => store.keepAlive(id, owner, expiresAtMs)),
      );
    },
    forget({ id, owner }) {
      return ask(`${loop.name} forgets ${stash(id)}`, () => store.forget(id, owner));
    },
    close() {},
  };
}

function describe(outcome: unknown): string {
  if (Array.isArray(outcome) || typeof outcome === "string") return String(outcome);
  return String((outcome as { readonly status: unknown }).status);
}

import { createMemoryAdapter, ORDER_CHARACTERS, type StashAdapter, type StashId } from "live-stash";

export interface Clock {
  now(): number;
}

/** An adapter with one defect. */
export type BrokenMemory = (clock: Clock) => StashAdapter;

const NOTHING = new Uint8Array(0);

/** Memory that keeps the contract, but for the calls that `change` gives. */
const memoryBut =
  (change: (good: StashAdapter, clock: Clock) => Partial<StashAdapter>): BrokenMemory =>
  (clock) => {
    const good = createMemoryAdapter({ clock });
    return { ...good, ...change(good, clock) };
  };

/** Memory whose clock is wrong. */
const memoryAt =
  (now: (clock: Clock) => number): BrokenMemory =>
  (clock) =>
    createMemoryAdapter({ clock: { now: () => now(clock) } });

/** Memory that is told other deadlines than it should be. */
const memoryWithDeadlines = (wrong: (expiresAtMs: number, nowMs: number) => number): BrokenMemory =>
  memoryBut((good, clock) => {
    const fix = <R extends { readonly expiresAtMs: number }>(request: R): R => ({
      ...request,
      expiresAtMs: wrong(request.expiresAtMs, clock.now()),
    });
    return {
      save: (request) => good.save(fix(request)),
      load: (request) => good.load(fix(request)),
      keepAlive: (requests) => good.keepAlive(requests.map(fix)),
    };
  });

/** Makes `owner` the owner, as only a store that is not fenced lets one do. */
const seize = (good: StashAdapter, id: StashId, owner: string, expiresAtMs = Infinity) =>
  good.load({ id, owner, carried: NOTHING, expiresAtMs });

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What can be wrong with an adapter that has no service, by what it does. */
export const BROKEN_MEMORIES = {
  "lets anybody save": memoryBut((good) => ({
    async save(request) {
      await seize(good, request.id, request.owner);
      return good.save(request);
    },
  })),
  "lets anybody keep alive": memoryBut((good) => ({
    keepAlive: (requests) =>
      Promise.all(
        requests.map(async ({ id, owner, expiresAtMs }) => {
          const { status } = await seize(good, id, owner, expiresAtMs);
          return status === "loaded" ? "kept" : "absent";
        }),
      ),
  })),
  "lets anybody forget": memoryBut((good) => ({
    async forget(request) {
      await seize(good, request.id, request.owner);
      return good.forget(request);
    },
  })),
  "leaves a loaded stash to its old owner": memoryBut((good) => {
    const owners = new Map<StashId, string>();
    return {
      save(request) {
        if (request.create) owners.set(request.id, request.owner);
        return good.save(request);
      },
      load: (request) => good.load({ ...request, owner: owners.get(request.id) ?? request.owner }),
    };
  }),
  "lets an earlier view take over": memoryBut((good) => {
    // Owners are as equal as before, but all of one order.
    const flat = <R extends { readonly owner: string }>(request: R): R => ({
      ...request,
      owner: "0".repeat(ORDER_CHARACTERS) + request.owner,
    });
    return {
      save: (request) => good.save(flat(request)),
      load: (request) => good.load(flat(request)),
      keepAlive: (requests) => good.keepAlive(requests.map(flat)),
      forget: (request) => good.forget(flat(request)),
    };
  }),
  "compares owners without their case": memoryBut((good) => ({
    save: (request) => good.save({ ...request, owner: request.owner.toLowerCase() }),
    load: (request) => good.load({ ...request, owner: request.owner.toLowerCase() }),
    keepAlive: (requests) =>
      good.keepAlive(requests.map((one) => ({ ...one, owner: one.owner.toLowerCase() }))),
    forget: (request) => good.forget({ ...request, owner: request.owner.toLowerCase() }),
  })),
  "checks the owner first and writes later": memoryBut((good) => ({
    async save(request) {
      const { id, owner, expiresAtMs } = request;
      const [found] = await good.keepAlive([{ id, owner, expiresAtMs: Infinity }]);
      if (found === "not_owner") return { status: "not_owner" };
      await turn();
      await seize(good, id, owner, expiresAtMs);
      return good.save(request);
    },
  })),
  "forgets in two steps": memoryBut((good) => ({
    async forget(request) {
      const { id, owner } = request;
      const [found = "absent"] = await good.keepAlive([{ id, owner, expiresAtMs: Infinity }]);
      if (found !== "kept") return found;
      await turn();
      await seize(good, id, owner);
      return good.forget(request);
    },
  })),
  "reads first and takes ownership later": memoryBut((good) => {
    const saved = new Map<StashId, Uint8Array>();
    return {
      async save(request) {
        const outcome = await good.save(request);
        if (outcome.status === "saved") saved.set(request.id, request.record.slice());
        return outcome;
      },
      async load(request) {
        const record = saved.get(request.id)?.slice();
        await turn();
        const outcome = await good.load(request);
        return outcome.status === "loaded" && record ? { ...outcome, record } : outcome;
      },
    };
  }),
  "makes what it is asked to save, whether or not it was there": memoryBut((good) => ({
    save: (request) => good.save({ ...request, create: true }),
  })),
  "refuses to create again": memoryBut((good) => ({
    async save(request) {
      const { id, owner } = request;
      const [found] = await good.keepAlive([{ id, owner, expiresAtMs: Infinity }]);
      if (request.create && found === "kept") return { status: "not_owner" };
      return good.save(request);
    },
  })),
  "expires a millisecond late": memoryAt((clock) => clock.now() - 1),
  "expires a millisecond early": memoryAt((clock) => clock.now() + 1),
  "expires a second late": memoryAt((clock) => clock.now() - 1_000),
  "expires at whole seconds": memoryWithDeadlines((expiresAtMs) =>
    expiresAtMs === Infinity ? Infinity : Math.floor(expiresAtMs / 1_000) * 1_000,
  ),
  "keeps deadlines in 32 bits": memoryWithDeadlines((expiresAtMs, nowMs) =>
    expiresAtMs === Infinity ? Infinity : nowMs + ((expiresAtMs - nowMs) | 0),
  ),
  "takes Infinity for nothing": memoryWithDeadlines((expiresAtMs) =>
    expiresAtMs === Infinity ? 0 : expiresAtMs,
  ),
  "ignores the deadline of a load": memoryBut((good, clock) => {
    const deadlines = new Map<StashId, number>();
    return {
      save(request) {
        deadlines.set(request.id, request.expiresAtMs);
        return good.save(request);
      },
      load: (request) =>
        good.load({ ...request, expiresAtMs: deadlines.get(request.id) ?? clock.now() }),
    };
  }),
  "keeps the caller's array": memoryBut((good) => {
    const kept = new Map<StashId, Uint8Array>();
    return {
      async save(request) {
        const outcome = await good.save(request);
        if (outcome.status === "saved") kept.set(request.id, request.record);
        return outcome;
      },
      async load(request) {
        const outcome = await good.load(request);
        const record = kept.get(request.id)?.slice();
        return outcome.status === "loaded" && record ? { ...outcome, record } : outcome;
      },
    };
  }),
  "gives away its own array": memoryBut((good) => {
    const given = new Map<StashId, Uint8Array>();
    return {
      save(request) {
        given.delete(request.id);
        return good.save(request);
      },
      async load(request) {
        const outcome = await good.load(request);
        if (outcome.status !== "loaded") return outcome;
        const record = given.get(request.id) ?? outcome.record;
        given.set(request.id, record);
        return { ...outcome, record };
      },
    };
  }),
  "saves all of the buffer": memoryBut((good) => ({
    save: (request) => good.save({ ...request, record: new Uint8Array(request.record.buffer) }),
  })),
  "takes a zero byte for the end": memoryBut((good) => ({
    save(request) {
      const { record } = request;
      const isEnded = record.at(-1) === 0;
      return good.save({ ...request, record: isEnded ? record.subarray(0, -1) : record });
    },
  })),
  "has no room for nothing": memoryBut((good) => ({
    save: (request) => (request.record.length === 0 ? { status: "full" } : good.save(request)),
  })),
  "mixes two records that are written at once": memoryBut((good) => {
    const underWay = new Map<StashId, Uint8Array>();
    return {
      async save(request) {
        const record = request.record.slice();
        record.set(underWay.get(request.id)?.subarray(0, record.length / 2) ?? []);
        underWay.set(request.id, request.record.slice());
        await turn();
        underWay.delete(request.id);
        return good.save({ ...request, record });
      },
    };
  }),
  "insists on the browser's latest string": memoryBut((good) => {
    let saves = 0;
    const carried = new Map<StashId, number>();
    return {
      async save(request) {
        const outcome = await good.save(request);
        if (outcome.status !== "saved") return outcome;
        saves = (saves + 1) % 256;
        carried.set(request.id, saves);
        return { ...outcome, carried: Uint8Array.of(saves) };
      },
      load: (request) =>
        carried.get(request.id) === request.carried[0] ? good.load(request) : { status: "absent" },
    };
  }),
  "cuts off what is too large": memoryBut((good) => ({
    save: (request) =>
      good.save({ ...request, record: request.record.subarray(0, good.capabilities.maxBytes) }),
  })),
  "throws what is not a StashError": memoryBut((good) => ({
    save(request) {
      if (request.record.length > good.capabilities.maxBytes) throw new RangeError("too large");
      return good.save(request);
    },
  })),
  "has ids without case": memoryBut((good) => ({
    save: (request) => good.save({ ...request, id: request.id.toLowerCase() }),
    load: (request) => good.load({ ...request, id: request.id.toLowerCase() }),
    keepAlive: (requests) =>
      good.keepAlive(requests.map((one) => ({ ...one, id: one.id.toLowerCase() }))),
    forget: (request) => good.forget({ ...request, id: request.id.toLowerCase() }),
  })),
  "ignores the deadline of a later save": memoryBut((good) => {
    const deadlines = new Map<StashId, number>();
    return {
      save(request) {
        if (request.create) deadlines.set(request.id, request.expiresAtMs);
        const expiresAtMs = deadlines.get(request.id) ?? request.expiresAtMs;
        return good.save({ ...request, expiresAtMs });
      },
    };
  }),
  "keeps nothing alive": memoryBut((good) => {
    const deadlines = new Map<StashId, number>();
    return {
      async save(request) {
        const outcome = await good.save(request);
        if (outcome.status === "saved") deadlines.set(request.id, request.expiresAtMs);
        return outcome;
      },
      keepAlive: (requests) =>
        good.keepAlive(
          requests.map((one) => ({ ...one, expiresAtMs: deadlines.get(one.id) ?? Infinity })),
        ),
    };
  }),
  "loses the owner when it keeps alive": memoryBut((good) => ({
    async keepAlive(requests) {
      const outcomes = await good.keepAlive(requests);
      for (const [index, { id, expiresAtMs }] of requests.entries()) {
        if (outcomes[index] === "kept") await seize(good, id, "0000000000nobody", expiresAtMs);
      }
      return outcomes;
    },
  })),
  "fails for an empty batch": memoryBut((good) => ({
    keepAlive(requests) {
      if (requests.length === 0) throw new RangeError("Nothing to do.");
      return good.keepAlive(requests);
    },
  })),
  "answers a batch in another order": memoryBut((good) => ({
    keepAlive: async (requests) => [...(await good.keepAlive(requests))].sort(),
  })),
  "leaves the absent ones out": memoryBut((good) => ({
    keepAlive: async (requests) =>
      (await good.keepAlive(requests)).filter((outcome) => outcome !== "absent"),
  })),
  "gives a batch one deadline": memoryBut((good) => ({
    keepAlive: (requests) =>
      good.keepAlive(
        requests.map((one) => ({ ...one, expiresAtMs: requests[0]?.expiresAtMs ?? 0 })),
      ),
  })),
  "does not close": memoryBut(() => ({ close: () => {} })),
  "closes only once": memoryBut((good) => {
    let isClosed = false;
    return {
      close() {
        if (isClosed) throw new Error("Closed already.");
        isClosed = true;
        return good.close();
      },
    };
  }),
  "leaves a timer running": memoryBut((good) => ({
    save(request) {
      // One for each stash: a single one could hide behind a timer of the test runner that ends.
      abandoned.push(setInterval(() => {}, 1_000_000));
      return good.save(request);
    },
  })),
  "never settles once it is aborted": memoryBut((good) => ({
    load: (request) =>
      request.signal?.aborted === true ? new Promise(() => {}) : good.load(request),
  })),
  "never settles when it is aborted on its way": memoryBut((good) => ({
    async load(request) {
      const wasAborted = request.signal?.aborted === true;
      await turn();
      const isAborted = request.signal?.aborted === true && !wasAborted;
      return isAborted ? new Promise(() => {}) : good.load(request);
    },
  })),
  "leaves a listener on the signal": memoryBut((good) => ({
    load(request) {
      request.signal?.addEventListener("abort", () => {});
      return good.load(request);
    },
  })),
  "half does what was aborted": memoryBut((good) => ({
    save: (request) =>
      good.save(
        request.signal?.aborted === true
          ? { ...request, record: request.record.subarray(0, 10) }
          : request,
      ),
  })),
  "says that it can do more than is expected": memoryBut((good) => ({
    capabilities: { ...good.capabilities, survivesRestart: true },
  })),
  "has a name that metrics cannot have": memoryBut(() => ({ name: "My Memory" })),
} satisfies Record<string, BrokenMemory>;

/** Timers that a broken adapter did not stop. */
export const abandoned: NodeJS.Timeout[] = [];

import { ORDER_CHARACTERS, type StashId } from "live-stash/adapter";
import { type BrokenMemory, memoryBut, seize, turn } from "./memory-but.ts";

/** Defects in the ownership of stashes. */
export const WRONG_OWNERS = {
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
    // Owners keep their names, but all have the same order.
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
  "ignores the case of owners": memoryBut((good) => ({
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
  "creates an absent stash on a save": memoryBut((good) => ({
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
  "loses the owner on a keep-alive": memoryBut((good) => ({
    async keepAlive(requests) {
      const outcomes = await good.keepAlive(requests);
      for (const [index, { id, expiresAtMs }] of requests.entries()) {
        if (outcomes[index] === "kept") await seize(good, id, "0000000000nobody", expiresAtMs);
      }
      return outcomes;
    },
  })),
} satisfies Record<string, BrokenMemory>;

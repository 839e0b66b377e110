import type { StashId } from "live-stash/adapter";
import { type BrokenMemory, memoryBut, turn } from "./memory-but.ts";

/** Defects in the stored records and in the ids that find them. */
export const WRONG_RECORDS = {
  "stores the caller's array": memoryBut((good) => {
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
  "returns its own array": memoryBut((good) => {
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
  "saves the whole buffer behind a record": memoryBut((good) => ({
    save: (request) => good.save({ ...request, record: new Uint8Array(request.record.buffer) }),
  })),
  "ends a record at a zero byte": memoryBut((good) => ({
    save(request) {
      const { record } = request;
      const isEnded = record.at(-1) === 0;
      return good.save({ ...request, record: isEnded ? record.subarray(0, -1) : record });
    },
  })),
  "refuses an empty record": memoryBut((good) => ({
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
  "insists on the browser's latest adapter data": memoryBut((good) => {
    let saves = 0;
    const adapterData = new Map<StashId, number>();
    return {
      async save(request) {
        const outcome = await good.save(request);
        if (outcome.status !== "saved") return outcome;
        saves = (saves + 1) % 256;
        adapterData.set(request.id, saves);
        return { ...outcome, adapterData: Uint8Array.of(saves) };
      },
      load: (request) =>
        adapterData.get(request.id) === request.adapterData[0]
          ? good.load(request)
          : { status: "absent" },
    };
  }),
  "truncates a record that is too large": memoryBut((good) => ({
    save: (request) =>
      good.save({ ...request, record: request.record.subarray(0, good.capabilities.maxBytes) }),
  })),
  "throws an error that is not a StashError": memoryBut((good) => ({
    save(request) {
      if (request.record.length > good.capabilities.maxBytes) throw new RangeError("too large");
      return good.save(request);
    },
  })),
  "ignores the case of ids": memoryBut((good) => ({
    save: (request) => good.save({ ...request, id: request.id.toLowerCase() }),
    load: (request) => good.load({ ...request, id: request.id.toLowerCase() }),
    keepAlive: (requests) =>
      good.keepAlive(requests.map((one) => ({ ...one, id: one.id.toLowerCase() }))),
    forget: (request) => good.forget({ ...request, id: request.id.toLowerCase() }),
  })),
} satisfies Record<string, BrokenMemory>;

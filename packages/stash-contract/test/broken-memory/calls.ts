import { type BrokenMemory, memoryBut } from "./memory-but.ts";

/** Timers that a broken adapter did not stop. */
export const abandoned: NodeJS.Timeout[] = [];

/** Defects in the answers to calls, in what is left after closing, and in what an adapter declares. */
export const WRONG_CALLS = {
  "fails for an empty batch": memoryBut((good) => ({
    keepAlive(requests) {
      if (requests.length === 0) throw new RangeError("Nothing to do.");
      return good.keepAlive(requests);
    },
  })),
  "answers a batch in another order": memoryBut((good) => ({
    keepAlive: async (requests) => [...(await good.keepAlive(requests))].sort(),
  })),
  "leaves absent stashes out of the outcomes of a batch": memoryBut((good) => ({
    keepAlive: async (requests) =>
      (await good.keepAlive(requests)).filter((outcome) => outcome !== "absent"),
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
      // One timer for each stash: a single one could hide behind a timer of the test runner that ends.
      abandoned.push(setInterval(() => {}, 1_000_000));
      return good.save(request);
    },
  })),
  "declares more capabilities than expected": memoryBut((good) => ({
    capabilities: { ...good.capabilities, survivesRestart: true },
  })),
  "has a name that metrics cannot contain": memoryBut(() => ({ name: "My Memory" })),
} satisfies Record<string, BrokenMemory>;

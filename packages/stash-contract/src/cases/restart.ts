import { deepEqual, equal } from "node:assert/strict";
import { assertAbsent, assertLoaded, newId, OTHER, SAMPLE } from "../samples.ts";
import {
  type ContractGroup,
  either,
  unlessShared,
  unlessStored,
  unlessSurviving,
} from "../contract-case.ts";

export const restart: ContractGroup = {
  name: "restarts and other nodes",
  cases: [
    {
      name: "a stash and its owner are known after a restart",
      skipReason: unlessSurviving,
      async run(bench) {
        const [before, id] = [await bench.open(), newId()];
        await before.create(id, "one");
        await before.save(id, "one", { record: OTHER });
        await before.close();
        const after = await bench.open();
        if (unlessStored(bench.subject) === undefined) {
          deepEqual(await after.save(id, "two"), { status: "not_owner" });
        }
        assertLoaded(await after.load(id, "two"), OTHER);
        equal((await after.save(id, "two")).status, "saved");
      },
    },
    {
      name: "a stash is present on another node as soon as it is saved",
      skipReason: unlessShared,
      async run(bench) {
        const [one, two] = [await bench.open(), await bench.open()];
        for (let round = 0; round < 20; round += 1) {
          const id = newId();
          await one.create(id, "one");
          assertLoaded(await two.load(id, "two"), SAMPLE);
          await two.save(id, "two", { record: OTHER });
          assertLoaded(await one.load(id, "three"), OTHER);
        }
      },
    },
    {
      name: "a stash that another node has forgotten is absent at once",
      skipReason: either(unlessStored, unlessShared),
      async run(bench) {
        const [one, two] = [await bench.open(), await bench.open()];
        const id = newId();
        await one.create(id, "one");
        await two.load(id, "two");
        equal(await two.forget(id, "two"), "forgotten");
        assertAbsent(await one.load(id, "one"));
      },
    },
  ],
};

import { activeResources, assertNothingRuns } from "../active-resources.ts";
import { assertRejects, CLOSED, everyCall, forAll, settle, SETTLES_WITHIN_MS } from "../calls.ts";
import type { ContractGroup } from "../contract-case.ts";
import { newId } from "../samples.ts";

export const closing: ContractGroup = {
  name: "closing",
  cases: [
    {
      name: "every call of a closed adapter rejects with adapter_closed",
      async run(bench) {
        const [node, id] = [await bench.open(), newId()];
        await node.create(id, "one");
        await node.close();
        await forAll(everyCall(node, id), (name, call) =>
          assertRejects(name, call, CLOSED, SETTLES_WITHIN_MS),
        );
      },
    },
    {
      name: "a second close, at the same time or later, has no effect",
      async run(bench) {
        const node = await bench.open();
        await Promise.all([node.close(), node.close()]);
        await node.close();
        await assertRejects("load", node.load(newId(), "one"), CLOSED, SETTLES_WITHIN_MS);
      },
    },
    {
      name: "calls in progress settle when the adapter closes",
      async run(bench) {
        const [node, id] = [await bench.open(), newId()];
        await node.create(id, "one");
        const calls = { ...everyCall(node, id), close: node.close() };
        await forAll(calls, (name, call) => settle(name, call, SETTLES_WITHIN_MS));
      },
    },
    {
      name: "a closed adapter leaves no timer, socket or other handle open",
      async run(bench) {
        const before = activeResources();
        const node = await bench.open();
        const ids = Array.from({ length: 20 }, newId);
        for (const id of ids) await node.create(id, "one", { expiresAtMs: bench.nearMs });
        for (const id of ids) await node.load(id, "two");
        await node.close();
        await assertNothingRuns(before);
      },
    },
  ],
};

import { deepEqual, match, ok } from "node:assert/strict";
import type { ContractGroup } from "../contract-case.ts";

export const declared: ContractGroup = {
  name: "what the adapter says of itself",
  cases: [
    {
      name: "its name is one that metrics and strings can hold",
      async run(bench) {
        const { adapter } = await bench.open();
        match(adapter.name, /^[a-z][a-z0-9_]*$/);
      },
    },
    {
      name: "its capabilities are those that are expected",
      async run(bench) {
        const { adapter } = await bench.open();
        deepEqual({ ...adapter.capabilities }, { ...bench.subject.capabilities });
        ok(Number.isSafeInteger(adapter.capabilities.maxBytes), "maxBytes is a whole number");
        ok(adapter.capabilities.maxBytes > 0, "maxBytes is above 0");
      },
    },
  ],
};

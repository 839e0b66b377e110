import { deepEqual, match, ok } from "node:assert/strict";
import type { ContractGroup } from "../contract-case.ts";

export const capabilities: ContractGroup = {
  name: "capabilities",
  cases: [
    {
      name: "the adapter's name has only lower-case letters, digits and _",
      async run(bench) {
        const { adapter } = await bench.open();
        match(adapter.name, /^[a-z][a-z0-9_]*$/);
      },
    },
    {
      name: "the adapter has exactly the expected capabilities",
      async run(bench) {
        const { adapter } = await bench.open();
        deepEqual({ ...adapter.capabilities }, { ...bench.subject.capabilities });
        ok(
          Number.isSafeInteger(adapter.capabilities.maxBytes),
          "capabilities.maxBytes: expected a whole number",
        );
        ok(adapter.capabilities.maxBytes > 0, "capabilities.maxBytes: expected a number above 0");
      },
    },
  ],
};

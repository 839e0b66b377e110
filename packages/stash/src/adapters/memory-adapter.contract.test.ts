import { describe, it } from "vitest";
import { adapterContract, createManualClock } from "@live-stash/contract";
import { createMemoryAdapter } from "../index.ts";

const clock = createManualClock();

adapterContract(
  { describe, it },
  {
    name: "the memory adapter",
    capabilities: {
      sharedAcrossNodes: false,
      survivesRestart: false,
      browserHolds: "reference",
      needsKeepAlive: false,
      maxBytes: 4_194_304,
    },
    clock,
    create: () => createMemoryAdapter({ clock }),
  },
);

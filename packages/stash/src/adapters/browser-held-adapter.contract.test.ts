import { describe, it } from "vitest";
import { adapterContract, createManualClock } from "@live-stash/contract";
import { createBrowserHeldAdapter, type SecurityMode } from "../index.ts";

const modes = { encrypt: "state", sign: "readable_state" } as const;

for (const securityMode of ["encrypt", "sign"] satisfies SecurityMode[]) {
  adapterContract(
    { describe, it },
    {
      name: `the browser-held adapter, securityMode "${securityMode}"`,
      capabilities: {
        sharedAcrossNodes: true,
        survivesRestart: true,
        browserHolds: modes[securityMode],
        needsKeepAlive: true,
        maxBytes: 262_144,
      },
      clock: createManualClock(),
      create: () => createBrowserHeldAdapter({ securityMode }),
    },
  );
}

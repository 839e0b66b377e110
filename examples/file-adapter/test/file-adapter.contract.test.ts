import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, it } from "vitest";
import { adapterContract, createManualClock } from "@live-stash/contract";
import { createFileAdapter } from "../src/file-adapter.ts";

const disk = mkdtempSync(join(tmpdir(), "live-stash-files-"));
const folder = join(disk, "mounted");
const clock = createManualClock();
const capabilities = {
  sharedAcrossNodes: true,
  survivesRestart: true,
  browserHolds: "reference",
  needsKeepAlive: true,
  maxBytes: 1_048_576,
} as const;

adapterContract(
  { describe, it },
  {
    name: "the file adapter",
    capabilities,
    clock,
    create: () => createFileAdapter({ folder, clock }),
    service: {
      answersWithinMs: 1_000,
      outages: [
        {
          name: "unmounted",
          begin: () => renameSync(folder, join(disk, "elsewhere")),
          end: () => renameSync(join(disk, "elsewhere"), folder),
        },
      ],
    },
  },
);

adapterContract(
  { describe, it },
  {
    name: "the file adapter, by the system's clock",
    capabilities,
    create: () => createFileAdapter({ folder }),
  },
);

afterAll(() => rmSync(disk, { recursive: true, force: true }));

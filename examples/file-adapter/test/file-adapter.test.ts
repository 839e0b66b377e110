import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createManualClock } from "@live-stash/contract";
import type { StashAdapter } from "live-stash/adapter";
import { createFileAdapter } from "../src/file-adapter.ts";

const ID = "Aa0-_bcdefghijklmnopqr";
const FAR_MS = 3_600_000;
const record = new TextEncoder().encode("what the user typed");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "live-stash-files-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function loadWith(adapter: StashAdapter, expiresAtMs: number) {
  return adapter.load({
    id: ID,
    owner: "0000000000here",
    adapterData: new Uint8Array(0),
    expiresAtMs,
  });
}

test("a stash survives the process that saved it, however it ends", async () => {
  const program = fileURLToPath(new URL("./save-and-die.ts", import.meta.url));
  const args = ["--import", "tsx", "--conditions", "@live-stash/source", program, folder, ID];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"] });
  expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
  const adapter = createFileAdapter({ folder });
  const loaded = await loadWith(adapter, Date.now() + FAR_MS);
  expect(loaded.status === "loaded" && new TextDecoder().decode(loaded.record)).toBe("saved");
  const late = {
    id: ID,
    owner: "0000000000there",
    record,
    create: false,
    expiresAtMs: Date.now() + FAR_MS,
  };
  expect(await adapter.save(late)).toEqual({ status: "not_owner" });
  await adapter.close();
});

test("expired and deleted stashes leave no files", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const clock = createManualClock();
  const adapter = createFileAdapter({ folder, clock });
  const expiresAtMs = clock.now() + 1_000;
  await adapter.save({ id: ID, owner: "0000000000here", record, create: true, expiresAtMs });
  await adapter.save({ id: "other", owner: "0000000000here", record, create: true, expiresAtMs });
  expect(await adapter.forget({ id: "other", owner: "0000000000here" })).toBe("forgotten");
  expect(readdirSync(folder)).toHaveLength(1);
  clock.advance(999);
  vi.advanceTimersByTime(60_000);
  expect((await loadWith(adapter, expiresAtMs)).status).toBe("loaded");
  clock.advance(1);
  vi.advanceTimersByTime(60_000);
  vi.useRealTimers();
  await vi.waitFor(() => expect(readdirSync(folder)).toEqual([]));
  await adapter.close();
});

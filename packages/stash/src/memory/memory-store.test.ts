import { expect, it } from "vitest";
import { entryBytes } from "./arena.ts";
import { MemoryStore } from "./memory-store.ts";

const NOTHING = new Uint8Array(0);
const MAX_BYTES = entryBytes(100) * 2;

it("figures().bytes stays correct if a deadline passes while the stash is saved", () => {
  // The clock may show a later time at the second reading within one call.
  let readings: number[] = [];
  let nowMs = 1_000;
  const monotonicNow = (): number => readings.shift() ?? nowMs;
  const clock = { now: () => nowMs };
  const settings = {
    maxBytes: MAX_BYTES,
    maxRecordBytes: 1_000,
    sweepIntervalMs: 10,
    clock,
    monotonicNow,
  };
  const store = new MemoryStore(settings);
  const record = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(1);
  const save = (id: string, bytes: number, create: boolean, expiresAtMs: number) =>
    store.save({ id, owner: "0000000000one", record: record(bytes), create, expiresAtMs });
  save("late", 100, true, 2_000);
  save("connected", 100, true, Infinity);

  readings = [1_999];
  nowMs = 2_000;
  save("late", 300, false, 3_000);
  store.sweep();
  save("other", 100, true, Infinity);

  const { bytes, entries } = store.figures();
  const loaded = ["late", "connected", "other"].map((id) =>
    store.load({ id, owner: "0000000000one", adapterData: NOTHING, expiresAtMs: Infinity }),
  );
  const found = loaded.flatMap((each) => (each.status === "loaded" ? [each.record] : []));
  expect(entries).toBe(found.length);
  expect(bytes).toBe(found.reduce((sum, { length }) => sum + entryBytes(length), 0));
});

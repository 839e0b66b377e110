import { brotliCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeState } from "./state-text.ts";
import { StashError } from "../errors.ts";
import { decodeRecord, encodeRecord, type RecordHeader } from "./record.ts";

const MAX_BYTES = 100_000;
const header: RecordHeader = { savedAtMs: 1_800_000_000_123, version: undefined, form: "json" };

function record(text: string, extra: Partial<RecordHeader> = {}): Uint8Array {
  return encodeRecord({ ...header, ...extra }, Buffer.from(text));
}

describe("a record", () => {
  it.each([undefined, 0, -1.5, 7, "", "2026-10", "ünï", "v".repeat(200)])(
    "keeps its header and its text, version %j",
    (version) => {
      for (const text of ["{}", `{"a":"${"ä".repeat(500)}"}`]) {
        expect(decodeRecord(record(text, { version }), MAX_BYTES)).toEqual({
          ...header,
          version,
          text,
        });
      }
    },
  );

  it("is compressed only if it becomes smaller", () => {
    expect(record(`{"a":"${"x".repeat(5_000)}"}`).length).toBeLessThan(100);
    expect(record('{"count":1}').length).toBe(8 + 11);
    const noise = Array.from({ length: 200 }, (_, index) => (index * 7_919 * index) % 9_973);
    const text = JSON.stringify(noise);
    expect(record(text).length).toBeLessThanOrEqual(8 + text.length);
  });

  it("is never decompressed beyond the limit", () => {
    const bomb = brotliCompressSync(Buffer.alloc(5_000_000, 120));
    expect(bomb.length).toBeLessThan(1_000);
    const bytes = Buffer.concat([Buffer.of(1, 1), Buffer.alloc(6), bomb]);
    expect(() => decodeRecord(bytes, MAX_BYTES)).toThrow(StashError);
    expect(() => decodeRecord(record("x".repeat(100)), 99)).toThrow(StashError);
  });

  it.each<[string, Uint8Array]>([
    ["nothing", new Uint8Array(0)],
    ["half a header", new Uint8Array([1, 0, 0, 0])],
    ["another format", new Uint8Array([2, 0, 0, 0, 0, 0, 0, 0, 123, 125])],
    ["unknown flags", new Uint8Array([1, 128, 0, 0, 0, 0, 0, 0, 123, 125])],
    ["a version that is cut off", new Uint8Array([1, 4, 0, 0, 0, 0, 0, 0, 9])],
    ["a version longer than the record", new Uint8Array([1, 4, 0, 0, 0, 0, 0, 0, 0, 9, 49])],
    [
      "a version of another type",
      Buffer.concat([new Uint8Array([1, 4, 0, 0, 0, 0, 0, 0, 0, 2]), Buffer.from("{}")]),
    ],
    ["text that is not UTF-8", new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0, 255, 254])],
    ["damaged compressed text", new Uint8Array([1, 1, 0, 0, 0, 0, 0, 0, 1, 2, 3])],
  ])("is rejected if its bytes are %s", (_name, bytes) => {
    expect(() => decodeRecord(bytes, MAX_BYTES)).toThrow(
      expect.objectContaining({ code: "unreadable_record" }) as StashError,
    );
  });

  it("is read or rejected if it is damaged, and has no other effect", () => {
    const whole = record(JSON.stringify({ a: "x".repeat(300), b: [1, 2, { c: "y" }] }), {
      version: 3,
    });
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, byte, cut) => {
        const damaged = Buffer.from(whole);
        damaged[at] = byte;
        for (const bytes of [damaged, whole.subarray(0, cut), damaged.subarray(0, cut)]) {
          try {
            decodeState(decodeRecord(bytes, MAX_BYTES));
          } catch (error) {
            expect(error).toMatchObject({ name: "StashError", code: "unreadable_record" });
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});

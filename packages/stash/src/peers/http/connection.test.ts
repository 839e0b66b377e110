import fc from "fast-check";
import { expect, it } from "vitest";
import { frameOf, FrameReader } from "./connection.ts";

/** What a reader makes of bytes that come in pieces of these lengths, again and again. */
function readInPieces(bytes: Buffer, lengths: readonly number[], maxBytes: number): string[] {
  const reader = new FrameReader(maxBytes);
  const bodies: string[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const end = at + (lengths[turn % lengths.length] ?? 1);
    const goesOn = reader.read(bytes.subarray(at, end), (body) => {
      bodies.push(body.toString("latin1"));
      return true;
    });
    if (!goesOn) break;
    at = end;
  }
  return bodies;
}

it("reads what was written, however it is cut", () => {
  const texts = fc.array(fc.string({ unit: "binary-ascii", maxLength: 40 }));
  const lengths = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 });
  fc.assert(
    fc.property(texts, lengths, (bodies, pieces) => {
      const frames = bodies.map((body) =>
        frameOf(Buffer.from(body.slice(0, 3), "latin1"), Buffer.from(body.slice(3), "latin1")),
      );
      expect(readInPieces(Buffer.concat(frames), pieces, 40)).toEqual(bodies);
    }),
  );
});

it("stops at a body that is too long before any of it is collected", () => {
  const reader = new FrameReader(10);
  expect(reader.read(frameOf(Buffer.alloc(10)), () => true)).toBe(true);
  expect(reader.read(Buffer.of(0, 0, 0, 11), () => true)).toBe(false);
});

it("stops when it is told to", () => {
  const bodies: number[] = [];
  const both = Buffer.concat([frameOf(Buffer.alloc(1)), frameOf(Buffer.alloc(2))]);
  const isFirst = (body: Buffer): boolean => bodies.push(body.length) > 1;
  expect(new FrameReader(10).read(both, isFirst)).toBe(false);
  expect(bodies).toEqual([1]);
});

import fc from "fast-check";
import { expect, it } from "vitest";
import { frameOf, FrameReader } from "./connection.ts";

/** Reads bytes in pieces of these lengths, again and again, and returns the bodies. */
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

it("a frame reader reads what was written, however the bytes are split", () => {
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

it("a frame reader stops at a body that is too long before it buffers any of the body", () => {
  const reader = new FrameReader(10);
  expect(reader.read(frameOf(Buffer.alloc(10)), () => true)).toBe(true);
  expect(reader.read(Buffer.of(0, 0, 0, 11), () => true)).toBe(false);
});

it("a frame reader stops when its callback returns false", () => {
  const bodies: number[] = [];
  const both = Buffer.concat([frameOf(Buffer.alloc(1)), frameOf(Buffer.alloc(2))]);
  const isFirst = (body: Buffer): boolean => bodies.push(body.length) > 1;
  expect(new FrameReader(10).read(both, isFirst)).toBe(false);
  expect(bodies).toEqual([1]);
});

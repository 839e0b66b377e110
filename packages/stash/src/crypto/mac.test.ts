import { createHmac, randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { createMac } from "./mac.ts";

const bytes = (maxLength: number) => fc.uint8Array({ maxLength });

it("gives what createHmac gives, for any key and parts, again and again", () => {
  fc.assert(
    fc.property(bytes(64), fc.array(fc.array(bytes(700), { maxLength: 4 })), (key, messages) => {
      const mac = createMac(key);
      for (const parts of messages) {
        const expected = createHmac("sha256", key).update(Buffer.concat(parts)).digest();
        expect(mac(...parts)).toEqual(expected);
      }
    }),
  );
});

it("takes messages of any length, the next one is none the longer for it", () => {
  const key = randomBytes(32);
  const mac = createMac(key);
  for (const length of [0, 448, 449, 1_000_000, 448]) {
    const message = randomBytes(length);
    expect(mac(message)).toEqual(createHmac("sha256", key).update(message).digest());
  }
});

it("refuses a key that would have to be hashed first", () => {
  expect(() => createMac(new Uint8Array(65))).toThrow(RangeError);
});

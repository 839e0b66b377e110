import { isEarlierOwner } from "live-stash";
import { expect, test } from "vitest";
import { isEarlierKey, OWNER_KEY_BYTES, ownerKey } from "./owner-key.ts";

const orders = ["0000000000", "0000000001", "000000000a", "00000z0000", "0010000000", "zzzzzzzzzz"];

test("keys are as early as the owners that they are of", () => {
  for (const one of orders) {
    for (const other of orders) {
      const owners = [`${one}zz`, `${other}aa`] as const;
      const [key, otherKey] = [ownerKey(owners[0]), ownerKey(owners[1])];
      expect(isEarlierKey(key, otherKey)).toBe(isEarlierOwner(...owners));
      expect(Buffer.from(key, "latin1")).toHaveLength(OWNER_KEY_BYTES);
    }
  }
});

test("owners that differ anywhere have different keys", () => {
  const owners = ["0000000000a", "0000000000A", "0000000000a.", "0000000001a", "0000000000aa"];
  expect(new Set(owners.map(ownerKey)).size).toBe(owners.length);
  expect(ownerKey("0000000000a")).toBe(ownerKey("0000000000a"));
});

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseJoinPayload } from "./join-payload.ts";

interface Recorded {
  readonly frames: readonly {
    readonly exchange?: readonly { readonly dir: string; readonly frame: unknown[] }[];
  }[];
}

const joins = (
  JSON.parse(
    readFileSync(new URL("../test/vectors/join.json", import.meta.url), "utf8"),
  ) as Recorded
).frames
  .flatMap(({ exchange }) => exchange ?? [])
  .filter(({ dir, frame }) => dir === "c2s" && frame[3] === "phx_join")
  .map(({ frame }) => frame[4] as { params: { _mounts: number } });

describe("parseJoinPayload", () => {
  test("every recorded join is parsed, with its number of mounts", () => {
    expect(joins.length).toBeGreaterThan(5);
    for (const payload of joins) {
      expect(parseJoinPayload(payload)).toMatchObject({ mounts: payload.params._mounts });
    }
  });

  test.each([[-1], [0.5], ["1"], [null], [Number.MAX_VALUE]])(
    "_mounts %j counts as none",
    (mounts) => {
      expect(parseJoinPayload({ session: "s", params: { _mounts: mounts } })?.mounts).toBe(0);
    },
  );

  test.each([[null], [[]], ["x"], [{}], [{ session: 5 }], [{ session: null }]])(
    "%j is no join",
    (payload) => {
      expect(parseJoinPayload(payload)).toBeUndefined();
    },
  );

  test("parameters that are not an object are ignored", () => {
    expect(parseJoinPayload({ session: "s", params: [1] })).toMatchObject({ params: {} });
  });
});

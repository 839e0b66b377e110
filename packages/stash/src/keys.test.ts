import { afterEach, describe, expect, it, vi } from "vitest";
import { deriveKeys } from "./keys.ts";

const ONE = "one-secret-of-more-than-32-characters";
const TWO = "two-secret-of-more-than-32-characters";

afterEach(() => vi.restoreAllMocks());

describe("keys", () => {
  it("come from the option, newest first", () => {
    const [newest, ...older] = deriveKeys([ONE, TWO], { LIVE_STASH_SECRET: "unused" });
    expect(older).toHaveLength(1);
    expect(deriveKeys(ONE, {})).toEqual([newest]);
    expect(deriveKeys(TWO, {})).toEqual(older);
  });

  it("come from the environment, separated by commas", () => {
    expect(deriveKeys(undefined, { LIVE_STASH_SECRET: ` ${ONE} ,${TWO}` })).toEqual(
      deriveKeys([ONE, TWO], {}),
    );
  });

  it("do not show the secret, and differ by purpose", () => {
    const [{ keyId, macKey }] = deriveKeys(ONE, {});
    expect(keyId).toHaveLength(2);
    expect(macKey).toHaveLength(32);
    expect(macKey.subarray(0, 2).equals(keyId)).toBe(false);
    expect(Buffer.from(ONE).includes(keyId)).toBe(false);
  });

  it.each<[string, unknown, NodeJS.ProcessEnv]>([
    ["a short one", "short", {}],
    ["an empty list", [], {}],
    ["a list with a short one", [ONE, "short"], {}],
    ["a number", 12_345, {}],
    ["a short one in the environment", undefined, { LIVE_STASH_SECRET: "short" }],
    ["a trailing comma in the environment", undefined, { LIVE_STASH_SECRET: `${ONE},` }],
  ])("reject %s without showing it", (_name, option, env) => {
    expect(() => deriveKeys(option, env)).toThrow(
      expect.objectContaining({
        code: "invalid_option",
        message: expect.not.stringContaining("short") as string,
      }) as Error,
    );
  });

  it("are required in production", () => {
    for (const env of [
      { NODE_ENV: "production" },
      { NODE_ENV: "production", LIVE_STASH_SECRET: " " },
    ]) {
      expect(() => deriveKeys(undefined, env)).toThrow(
        expect.objectContaining({ code: "missing_secret" }) as Error,
      );
    }
  });

  it("are made up once per process elsewhere, with one warning", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    expect(deriveKeys(undefined, {})).toEqual(deriveKeys(undefined, { NODE_ENV: "test" }));
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]?.[0]).toContain("will not survive a restart");
  });
});

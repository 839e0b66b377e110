import { afterEach, describe, expect, it, vi } from "vitest";
import { findSecrets } from "./secrets.ts";

const ONE = "one-secret-of-more-than-32-characters";
const TWO = "two-secret-of-more-than-32-characters";

afterEach(() => vi.restoreAllMocks());

describe("secrets", () => {
  it("come from the option, newest first", () => {
    expect(findSecrets([ONE, TWO], { env: { LIVE_STASH_SECRET: "unused" } })).toEqual([ONE, TWO]);
    expect(findSecrets(ONE, { env: {} })).toEqual([ONE]);
  });

  it("come from the environment, separated by commas", () => {
    expect(findSecrets(undefined, { env: { LIVE_STASH_SECRET: ` ${ONE} ,${TWO}` } })).toEqual([
      ONE,
      TWO,
    ]);
  });

  it.each<[string, unknown, NodeJS.ProcessEnv]>([
    ["a short one", "short", {}],
    ["an empty list", [], {}],
    ["a list with a short one", [ONE, "short"], {}],
    ["a number", 12_345, {}],
    ["a short one in the environment", undefined, { LIVE_STASH_SECRET: "short" }],
    ["a trailing comma in the environment", undefined, { LIVE_STASH_SECRET: `${ONE},` }],
  ])("reject %s without showing it", (_name, option, env) => {
    expect(() => findSecrets(option, { env, of: "createThing" })).toThrow(
      expect.objectContaining({
        code: "invalid_option",
        message: expect.stringMatching(/^createThing\(\) (?!.*(short|12345))/) as string,
      }) as Error,
    );
  });

  it("are required in production", () => {
    for (const env of [
      { NODE_ENV: "production" },
      { NODE_ENV: "production", LIVE_STASH_SECRET: " " },
    ]) {
      expect(() => findSecrets(undefined, { env })).toThrow(
        expect.objectContaining({ code: "missing_secret" }) as Error,
      );
    }
  });

  it("are made up once per process elsewhere, with one warning", async () => {
    // Another test of this process may have needed one.
    vi.resetModules();
    const fresh = await import("./secrets.ts");
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    expect(fresh.findSecrets(undefined, { env: {} })).toEqual(
      fresh.findSecrets(undefined, { env: { NODE_ENV: "test" } }),
    );
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]?.[0]).toContain("will not survive a restart");
  });
});

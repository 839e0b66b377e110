import { describe, expect, it } from "vitest";
import { SECRET } from "../test/fake-page.ts";
import { createMemoryAdapter, liveStash, StashError } from "./index.ts";

const adapter = createMemoryAdapter();

/** As a JavaScript program would call it. */
function construct(options: unknown): unknown {
  return (liveStash as (options: unknown) => unknown)(options);
}

describe("options", () => {
  it("need only storedKeys and an adapter", () => {
    expect(liveStash<{ a: 1 }>({ storedKeys: ["a"], adapter, secret: SECRET }).name).toBe(
      "live-stash",
    );
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["storedKeys", { storedKeys: [] }, "an empty array"],
    ["storedKeys", { storedKeys: "count" }, "a string"],
    ["storedKeys", { storedKeys: undefined }, "nothing"],
    ["storedKeys", { storedKeys: ["a", "a"] }, "repeated"],
    ["storedKeys", { storedKeys: ["__proto__"] }, "unusable"],
    ["adapter", { adapter: undefined }, "nothing"],
    ["adapter", { adapter: "memory" }, "a string"],
    ["adapter", { adapter: { ...adapter, name: "Two Words" } }, "an object"],
    ["adapter", { adapter: { ...adapter, load: undefined } }, "an object"],
    ["ttlMs", { ttlMs: 0 }, "0"],
    ["ttlMs", { ttlMs: 1.5 }, "1.5"],
    ["ttlMs", { ttlMs: Infinity }, "Infinity"],
    ["ttlMs", { ttlMs: "300" }, "a string"],
    ["timeoutMs", { timeoutMs: -1 }, "-1"],
    ["timeoutMs", { timeoutMs: 2 ** 31 }, "2147483648"],
    ["maxStateBytes", { maxStateBytes: null }, "null"],
    ["autoStash", { autoStash: "yes" }, "a string"],
    ["version", { version: Number.NaN }, "NaN"],
    ["version", { version: "v".repeat(201) }, "201"],
    ["version", { version: {} }, "an object"],
    ["schema", { schema: {} }, "an object"],
    ["schema", { schema: null }, "null"],
    ["migrate", { migrate: {} }, "an object"],
    ["sessionKey", { sessionKey: "" }, "an empty string"],
    ["sessionKey", { sessionKey: 7 }, "7"],
    ["onError", { onError: true }, "true"],
    ["clock", { clock: Date.now }, "a function"],
    ["secret", { secret: "short" }, "5 characters"],
    ["ttl", { ttl: 300 }, "another name"],
  ])("reject an invalid %s: %j", (option, options, found) => {
    try {
      construct({ storedKeys: ["a"], adapter, secret: SECRET, ...options });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(StashError);
      const { code, message } = error as StashError;
      expect(code).toBe("invalid_option");
      expect(message).toContain(`invalid option "${option}": expected `);
      expect(message.split("got ")[1]).toContain(found);
    }
  });

  it.each([undefined, null, "options", 7])("must be an object, not %j", (options) => {
    expect(() => construct(options)).toThrow(
      expect.objectContaining({ code: "invalid_option" }) as Error,
    );
  });
});

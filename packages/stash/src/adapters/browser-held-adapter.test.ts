import { describe, expect, it } from "vitest";
import { createBrowserHeldAdapter, StashError } from "../index.ts";

/** As a JavaScript program would call it. */
function construct(options: unknown): unknown {
  return (createBrowserHeldAdapter as (options: unknown) => unknown)(options);
}

describe("the browser-held adapter", () => {
  it("declares its capabilities by securityMode and maxBytes", () => {
    const encrypting = createBrowserHeldAdapter({ securityMode: "encrypt" });
    expect(encrypting.capabilities).toMatchObject({ browserHolds: "state", maxBytes: 262_144 });
    const signing = createBrowserHeldAdapter({ securityMode: "sign", maxBytes: 1_048_576 });
    expect(signing.capabilities).toMatchObject({
      browserHolds: "readable_state",
      maxBytes: 1_048_576,
    });
  });

  it.each<[string, unknown, string]>([
    ["options", undefined, "nothing"],
    ["securityMode", {}, "nothing"],
    ["securityMode", { securityMode: "none" }, '"none"'],
    ["maxBytes", { securityMode: "sign", maxBytes: 0 }, "0"],
    ["maxBytes", { securityMode: "sign", maxBytes: 1_048_577 }, "1048577"],
    ["secret", { securityMode: "sign", secret: "x" }, "another name"],
  ])("rejects an invalid %s: %j", (option, options, found) => {
    try {
      construct(options);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(StashError);
      const { code, message } = error as StashError;
      expect(code).toBe("invalid_option");
      expect(message).toContain(`invalid option "${option}": expected `);
      expect(message.split("got ")[1]).toContain(found);
    }
  });
});

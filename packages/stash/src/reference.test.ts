import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deriveKeys } from "./keys.ts";
import { mintReference, type ReferenceScope, verifyReference } from "./reference.ts";

const OLD = "the old secret, which was used before it was replaced";
const NEW = "the new secret, which is used from now on, until later";
const keys = deriveKeys([NEW, OLD], "reference mac");
const scope: ReferenceScope = { adapter: "memory", view: "counter", binding: "id:session-1" };
const id = randomBytes(16).toString("base64url");
const carried = new Uint8Array([1, 2, 3]);
const held = mintReference(keys, scope, { id, carried });

describe("references", () => {
  it("say what was minted", () => {
    expect(verifyReference(keys, scope, held, 512)).toEqual({ id, carried });
    const bare = mintReference(keys, scope, { id, carried: new Uint8Array(0) });
    expect(bare).toHaveLength(47);
    expect(verifyReference(keys, scope, bare, 512)).toEqual({ id, carried: new Uint8Array(0) });
  });

  it("are the same each time", () => {
    expect(mintReference(keys, scope, { id, carried })).toBe(held);
  });

  it("of an older secret are valid, those of an unknown one are not", () => {
    const old = mintReference(deriveKeys([OLD], "reference mac"), scope, { id, carried });
    expect(verifyReference(keys, scope, old, 512)).toEqual({ id, carried });
    expect(old).not.toBe(held);
    expect(verifyReference(deriveKeys([NEW], "reference mac"), scope, old, 512)).toBeUndefined();
  });

  it.each<Partial<ReferenceScope>>([
    { adapter: "redis" },
    { view: "counter2" },
    { binding: "id:session-2" },
    { adapter: "memoryc", view: "ounter" },
    { view: "counteri", binding: "d:session-1" },
  ])("are worth nothing elsewhere: %j", (other) => {
    expect(verifyReference(keys, { ...scope, ...other }, held, 512)).toBeUndefined();
  });

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["a number", 7],
    ["an object", { toString: () => held }],
    ["an array", [held]],
    ["an empty string", ""],
    ["a truncated one", held.slice(0, -1)],
    ["half of one", held.slice(0, held.length / 2)],
    ["one with padding", `${held}=`],
    [
      "one in the other alphabet",
      held.replaceAll("-", "+").replaceAll("_", "/").replace(/^./, "+"),
    ],
    ["one with a space", ` ${held}`],
    ["one with a line break", `${held}\n`],
    ["a renewal's suffix", `${held}~0`],
    ["a megabyte", "A".repeat(1_048_576)],
    ["another format", `Ag${held.slice(2)}`],
  ])("reject %s", (_name, presented) => {
    expect(verifyReference(keys, scope, presented, 512)).toBeUndefined();
  });

  it("reject more carried bytes than agreed", () => {
    const heavy = mintReference(keys, scope, { id, carried: new Uint8Array(513) });
    expect(verifyReference(keys, scope, heavy, 512)).toBeUndefined();
    expect(verifyReference(keys, scope, heavy, 513)).toBeDefined();
  });

  it("reject every change of a single character", () => {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (let at = 0; at < held.length; at += 1) {
      for (const character of alphabet) {
        if (character === held[at]) continue;
        const forged = held.slice(0, at) + character + held.slice(at + 1);
        expect(verifyReference(keys, scope, forged, 512), forged).toBeUndefined();
      }
    }
  });

  it("reject any string that was not minted", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String()), (presented) => {
        expect(verifyReference(keys, scope, presented, 512)).toBeUndefined();
      }),
    );
  });
});

import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deriveKeys } from "../crypto/keys.ts";
import type { Secrets } from "../crypto/secrets.ts";
import { createSignedEnvelope, type Envelope } from "./envelope.ts";
import type { HeldScope } from "./scope.ts";

const OLD = "the old secret, which was used before it was replaced";
const NEW = "the new secret, which is used from now on, until later";
const scope: HeldScope = { adapter: "memory", view: "counter", binding: "id:session-1" };
const id = randomBytes(16).toString("base64url");
const carried = new Uint8Array([1, 2, 3]);

function withSecrets(...secrets: Secrets): Envelope {
  return createSignedEnvelope({
    keys: deriveKeys(secrets, "test mac"),
    format: 1,
    domain: "test",
    maxCarriedBytes: 512,
  });
}

const envelope = withSecrets(NEW, OLD);
const text = envelope.close(scope, { id, carried });

describe("signed envelopes", () => {
  it("say what was put into them", () => {
    expect(envelope.open(scope, text)).toEqual({ reference: { id, carried }, isNewest: true });
    const reference = { id, carried: new Uint8Array(0) };
    const bare = envelope.close(scope, reference);
    expect(bare).toHaveLength(47);
    expect(envelope.open(scope, bare)).toEqual({ reference, isNewest: true });
  });

  it("are the same each time", () => {
    expect(envelope.close(scope, { id, carried })).toBe(text);
  });

  it("of an older secret open, those of an unknown one do not", () => {
    const old = withSecrets(OLD).close(scope, { id, carried });
    expect(envelope.open(scope, old)).toEqual({ reference: { id, carried }, isNewest: false });
    expect(old).not.toBe(text);
    expect(withSecrets(NEW).open(scope, old)).toBeUndefined();
  });

  it.each<Partial<HeldScope>>([
    { adapter: "redis" },
    { view: "counter2" },
    { binding: "id:session-2" },
    { adapter: "memoryc", view: "ounter" },
    { view: "counteri", binding: "d:session-1" },
  ])("are worth nothing elsewhere: %j", (other) => {
    expect(envelope.open({ ...scope, ...other }, text)).toBeUndefined();
  });

  it("are worth nothing for another use, or in another format", () => {
    const keys = deriveKeys([NEW], "test mac");
    const options = { keys, format: 1, domain: "test", maxCarriedBytes: 512 };
    expect(createSignedEnvelope(options).open(scope, text)).toBeDefined();
    const elsewhere = createSignedEnvelope({ ...options, domain: "another" });
    expect(elsewhere.open(scope, text)).toBeUndefined();
    const newer = createSignedEnvelope({ ...options, format: 9 });
    expect(newer.open(scope, text)).toBeUndefined();
  });

  it.each<[string, string]>([
    ["an empty text", ""],
    ["a truncated one", text.slice(0, -1)],
    ["half of one", text.slice(0, text.length / 2)],
    ["one with padding", `${text}=`],
    [
      "one in the other alphabet",
      text.replaceAll("-", "+").replaceAll("_", "/").replace(/^./, "+"),
    ],
    ["one with a space", ` ${text}`],
    ["one with a line break", `${text}\n`],
    ["a renewal's suffix", `${text}~0`],
    ["a megabyte", "A".repeat(1_048_576)],
    ["another format", `Ag${text.slice(2)}`],
  ])("reject %s", (_name, presented) => {
    expect(envelope.open(scope, presented)).toBeUndefined();
  });

  it("reject more carried bytes than agreed", () => {
    const most = envelope.close(scope, { id, carried: new Uint8Array(512) });
    expect(envelope.open(scope, most)).toBeDefined();
    expect(most.length).toBeLessThanOrEqual(envelope.maxCharacters);
    const more = envelope.close(scope, { id, carried: new Uint8Array(513) });
    expect(envelope.open(scope, more)).toBeUndefined();
  });

  it("reject every change of a single character", () => {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (let at = 0; at < text.length; at += 1) {
      for (const character of alphabet) {
        if (character === text[at]) continue;
        const forged = text.slice(0, at) + character + text.slice(at + 1);
        expect(envelope.open(scope, forged), forged).toBeUndefined();
      }
    }
  });

  it("reject any text that was not written by one", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String()), (presented) => {
        expect(envelope.open(scope, presented)).toBeUndefined();
      }),
    );
  });
});

import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deriveKeys } from "../crypto/keys.ts";
import type { Secrets } from "../crypto/secrets.ts";
import { createEncryptedEnvelope, createSignedEnvelope, type Envelope } from "./envelope.ts";
import type { TokenScope } from "./scope.ts";

const OLD = "the old secret, which was used before it was replaced";
const NEW = "the new secret, which is used from now on, until later";
const scope: TokenScope = { adapter: "memory", view: "counter", session: "id:session-1" };
const id = randomBytes(16).toString("base64url");

function signedWith(...secrets: Secrets): Envelope {
  return createSignedEnvelope({
    keys: deriveKeys(secrets, "test mac"),
    format: 1,
    purpose: "test",
    maxDataBytes: 512,
  });
}

function encryptedWith(...secrets: Secrets): Envelope {
  return createEncryptedEnvelope({ keys: deriveKeys(secrets, "test seal"), maxDataBytes: 512 });
}

describe("a signed envelope", () => {
  const adapterData = new Uint8Array([1, 2, 3]);
  const envelope = signedWith(NEW, OLD);
  const text = envelope.close(scope, { id, adapterData });

  it("returns the contents that it was closed with", () => {
    const opened = { contents: { id, adapterData }, usesNewestSecret: true };
    expect(envelope.open(scope, text)).toEqual(opened);
    const contents = { id, adapterData: new Uint8Array(0) };
    const bare = envelope.close(scope, contents);
    expect(bare).toHaveLength(47);
    expect(envelope.open(scope, bare)).toEqual({ contents, usesNewestSecret: true });
  });

  it("has the same text each time it is closed with the same contents", () => {
    expect(envelope.close(scope, { id, adapterData })).toBe(text);
  });

  it("opens with an older secret, and not with an unknown one", () => {
    const old = signedWith(OLD).close(scope, { id, adapterData });
    const opened = { contents: { id, adapterData }, usesNewestSecret: false };
    expect(envelope.open(scope, old)).toEqual(opened);
    expect(old).not.toBe(text);
    expect(signedWith(NEW).open(scope, old)).toBeUndefined();
  });

  it.each<Partial<TokenScope>>([
    { adapter: "redis" },
    { view: "counter2" },
    { session: "id:session-2" },
    { adapter: "memoryc", view: "ounter" },
    { view: "counteri", session: "d:session-1" },
  ])("is rejected in another scope: %j", (other) => {
    expect(envelope.open({ ...scope, ...other }, text)).toBeUndefined();
  });

  it("is rejected for another purpose, and in another format", () => {
    const keys = deriveKeys([NEW], "test mac");
    const options = { keys, format: 1, purpose: "test", maxDataBytes: 512 };
    expect(createSignedEnvelope(options).open(scope, text)).toBeDefined();
    const elsewhere = createSignedEnvelope({ ...options, purpose: "another" });
    expect(elsewhere.open(scope, text)).toBeUndefined();
    const newer = createSignedEnvelope({ ...options, format: 9 });
    expect(newer.open(scope, text)).toBeUndefined();
  });

  it.each<[string, string]>([
    ["an empty text", ""],
    ["a truncated text", text.slice(0, -1)],
    ["half of a text", text.slice(0, text.length / 2)],
    ["a text with padding", `${text}=`],
    [
      "a text in the alphabet of base64",
      text.replaceAll("-", "+").replaceAll("_", "/").replace(/^./, "+"),
    ],
    ["a text with a space", ` ${text}`],
    ["a text with a line break", `${text}\n`],
    ["a text with a renewal's suffix", `${text}~0`],
    ["a text of a megabyte", "A".repeat(1_048_576)],
    ["a text of another format", `Ag${text.slice(2)}`],
  ])("rejects %s", (_name, presented) => {
    expect(envelope.open(scope, presented)).toBeUndefined();
  });

  it("rejects more of the adapter's bytes than its limit", () => {
    const most = envelope.close(scope, { id, adapterData: new Uint8Array(512) });
    expect(envelope.open(scope, most)).toBeDefined();
    expect(most.length).toBeLessThanOrEqual(envelope.maxCharacters);
    const more = envelope.close(scope, { id, adapterData: new Uint8Array(513) });
    expect(envelope.open(scope, more)).toBeUndefined();
  });

  it("rejects every change of a single character", () => {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (let at = 0; at < text.length; at += 1) {
      for (const character of alphabet) {
        if (character === text[at]) continue;
        const forged = text.slice(0, at) + character + text.slice(at + 1);
        expect(envelope.open(scope, forged), forged).toBeUndefined();
      }
    }
  });

  it("rejects any text that no envelope wrote", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String()), (presented) => {
        expect(envelope.open(scope, presented)).toBeUndefined();
      }),
    );
  });
});

describe("an encrypted envelope", () => {
  const contents = { id, adapterData: Buffer.from("a record") };
  const envelope = encryptedWith(NEW, OLD);
  const text = envelope.close(scope, contents);

  it("returns its contents, and whether the newest secret encrypted them", () => {
    expect(envelope.open(scope, text)).toEqual({ contents, usesNewestSecret: true });
    const old = encryptedWith(OLD).close(scope, contents);
    expect(envelope.open(scope, old)).toEqual({ contents, usesNewestSecret: false });
    expect(encryptedWith(NEW).open(scope, old)).toBeUndefined();
  });

  // Tested without the expiry of a state token, which would hide a mistake here.
  it.each<Partial<TokenScope>>([
    { adapter: "redis" },
    { view: "counter2" },
    { session: "id:session-2" },
    { view: "counteri", session: "d:session-1" },
  ])("is rejected in another scope: %j", (other) => {
    expect(envelope.open({ ...scope, ...other }, text)).toBeUndefined();
  });

  it("is rejected under another id, and in another format", () => {
    for (const at of [0, 1, 16]) {
      const bytes = Buffer.from(text, "base64url");
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      expect(envelope.open(scope, bytes.toString("base64url"))).toBeUndefined();
    }
  });

  it("rejects texts that are too short or too long", () => {
    for (const length of [0, 1, 23, 62]) {
      expect(envelope.open(scope, text.slice(0, length))).toBeUndefined();
    }
    const most = envelope.close(scope, { id, adapterData: Buffer.alloc(512) });
    expect(most.length).toBeLessThanOrEqual(envelope.maxCharacters);
    expect(envelope.open(scope, most)).toBeDefined();
    const more = envelope.close(scope, { id, adapterData: Buffer.alloc(514) });
    expect(envelope.open(scope, more)).toBeUndefined();
  });
});

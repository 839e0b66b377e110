import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { deriveKeys } from "../crypto/keys.ts";
import type { Secrets } from "../crypto/secrets.ts";
import { createEncryptedEnvelope } from "./envelope.ts";
import type { HeldScope } from "./scope.ts";

const OLD = "the old secret, which was used before it was replaced";
const NEW = "the new secret, which is used from now on, until later";
const scope: HeldScope = { adapter: "browser_held", view: "counter", binding: "id:session-1" };
const id = randomBytes(16).toString("base64url");
const reference = { id, carried: Buffer.from("a record") };

function withSecrets(...secrets: Secrets) {
  return createEncryptedEnvelope({ keys: deriveKeys(secrets, "test seal"), maxCarriedBytes: 512 });
}

const envelope = withSecrets(NEW, OLD);
const text = envelope.close(scope, reference);

describe("encrypted envelopes", () => {
  it("say what was put into them, and with which secret", () => {
    expect(envelope.open(scope, text)).toEqual({ reference, isNewest: true });
    const old = withSecrets(OLD).close(scope, reference);
    expect(envelope.open(scope, old)).toEqual({ reference, isNewest: false });
    expect(withSecrets(NEW).open(scope, old)).toBeUndefined();
  });

  // Tried without the lease, which would hide a mistake here.
  it.each<Partial<HeldScope>>([
    { adapter: "redis" },
    { view: "counter2" },
    { binding: "id:session-2" },
    { view: "counteri", binding: "d:session-1" },
  ])("are worth nothing elsewhere: %j", (other) => {
    expect(envelope.open({ ...scope, ...other }, text)).toBeUndefined();
  });

  it("are worth nothing under another id, or in another format", () => {
    for (const at of [0, 1, 16]) {
      const bytes = Buffer.from(text, "base64url");
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      expect(envelope.open(scope, bytes.toString("base64url"))).toBeUndefined();
    }
  });

  it("reject texts that are too short or too long to be one", () => {
    for (const length of [0, 1, 23, 62]) {
      expect(envelope.open(scope, text.slice(0, length))).toBeUndefined();
    }
    const most = envelope.close(scope, { id, carried: Buffer.alloc(512) });
    expect(most.length).toBeLessThanOrEqual(envelope.maxCharacters);
    expect(envelope.open(scope, most)).toBeDefined();
    const more = envelope.close(scope, { id, carried: Buffer.alloc(514) });
    expect(envelope.open(scope, more)).toBeUndefined();
  });
});

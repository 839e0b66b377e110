import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Secrets } from "../crypto/secrets.ts";
import { EXPIRY_CHARACTERS, MAX_CLOCK_SKEW_MS } from "./expiry.ts";
import { createReferenceForm, createStateForm } from "./token.ts";

const OLD = "the old secret, which was used before it was replaced";
const NEW = "the new secret, which is used from now on, until later";
const NOW_MS = 1_800_000_000_000;
const MAX_LIFETIME_MS = 75_000;
const scope = { adapter: "browser_held", view: "counter", session: "id:session-1" };
const contents = {
  id: randomBytes(16).toString("base64url"),
  adapterData: new Uint8Array(Buffer.from("the record of a state")),
};

function formWith(isEncrypted: boolean, ...secrets: Secrets) {
  return createStateForm(secrets, {
    isEncrypted,
    maxRecordBytes: 1_000,
    maxLifetimeMs: MAX_LIFETIME_MS,
  });
}

describe.each([
  ["an encrypted", true],
  ["a signed", false],
])("%s state token", (_name, isEncrypted) => {
  const form = formWith(isEncrypted, NEW, OLD);
  const { token, tokenId } = form.mint(scope, contents, NOW_MS + MAX_LIFETIME_MS);

  it("returns its contents until it expires", () => {
    const opened = form.open(scope, token, NOW_MS);
    expect(opened).toMatchObject({ status: "valid", tokenId, usesNewestSecret: true });
    expect(opened).toHaveProperty("contents.id", contents.id);
    expect(Buffer.from(opened.status === "valid" ? opened.contents.adapterData : [])).toEqual(
      Buffer.from(contents.adapterData),
    );
    const last = NOW_MS + MAX_LIFETIME_MS - 1;
    expect(form.open(scope, token, last).status).toBe("valid");
    expect(form.open(scope, token, last + 1).status).toBe("expired");
    expect(form.open(scope, token, undefined).status).toBe("valid");
  });

  it("is valid on a server whose clock is behind, up to a limit", () => {
    const behindMs = NOW_MS - MAX_CLOCK_SKEW_MS;
    expect(form.open(scope, token, behindMs).status).toBe("valid");
    expect(form.open(scope, token, behindMs - 1).status).toBe("ahead");
  });

  it("shows its contents only if it is not encrypted", () => {
    const text = Buffer.from(token.slice(0, -1 - EXPIRY_CHARACTERS), "base64url");
    expect(text.includes(Buffer.from(contents.adapterData))).toBe(!isEncrypted);
    expect(form.mint(scope, contents, NOW_MS).tokenId === tokenId).toBe(!isEncrypted);
  });

  it("is renewed with its id alone", () => {
    const later = NOW_MS + 3 * MAX_LIFETIME_MS;
    expect(form.tokenIdOf(token)).toBe(tokenId);
    const renewal = form.renewal(scope, tokenId, later) ?? "";
    const renewed = `${token.slice(0, token.lastIndexOf("~"))}~${renewal}`;
    expect(form.open(scope, renewed, later - 1).status).toBe("valid");
    expect(form.open(scope, renewed, later).status).toBe("expired");
  });

  it("is rejected with the expiry of another token, even of the same view", () => {
    const other = form.mint(scope, { ...contents, adapterData: Buffer.of(1) }, NOW_MS + 1_000);
    const [envelope] = token.split("~");
    const [, expiry] = other.token.split("~");
    expect(form.open(scope, `${envelope}~${expiry}`, NOW_MS).status).toBe("rejected");
  });

  it("is valid with an older secret, and is known to use one", () => {
    const old = formWith(isEncrypted, OLD).mint(scope, contents, NOW_MS + 1);
    expect(form.open(scope, old.token, NOW_MS)).toMatchObject({
      status: "valid",
      usesNewestSecret: false,
    });
    expect(formWith(isEncrypted, NEW).open(scope, old.token, NOW_MS).status).toBe("rejected");
  });

  it("is rejected in another scope, in the other mode and as a reference token", () => {
    for (const other of [{ adapter: "x" }, { view: "x" }, { session: "x" }]) {
      expect(form.open({ ...scope, ...other }, token, NOW_MS).status).toBe("rejected");
    }
    expect(formWith(!isEncrypted, NEW).open(scope, token, NOW_MS).status).toBe("rejected");
    const references = createReferenceForm([NEW]);
    const [envelope] = token.split("~");
    expect(references.open(scope, envelope, NOW_MS).status).toBe("rejected");
    const { token: reference } = references.mint(scope, contents, NOW_MS);
    const expiry = form.renewal(scope, reference.slice(-22), NOW_MS + 1);
    expect(form.open(scope, `${reference}~${expiry}`, NOW_MS).status).toBe("rejected");
  });

  it("is rejected with any character changed, left out or inserted", () => {
    for (let at = 0; at < token.length; at += 1) {
      const changed = token[at] === "A" ? "B" : "A";
      for (const forged of [
        token.slice(0, at) + changed + token.slice(at + 1),
        token.slice(0, at) + token.slice(at + 1),
        token.slice(0, at) + changed + token.slice(at),
      ]) {
        expect(form.open(scope, forged, NOW_MS).status).toBe("rejected");
      }
    }
  });

  it.each([undefined, null, 1, {}, [token], "", "~", `~${"A".repeat(24)}`, "A".repeat(10_000_000)])(
    "is not read from any other value",
    (presented) => {
      expect(form.open(scope, presented, NOW_MS).status).toBe("rejected");
      expect(form.tokenIdOf(presented)).toBeUndefined();
    },
  );

  it("is rejected if its record is larger than the limit", () => {
    const most = { ...contents, adapterData: new Uint8Array(1_000) };
    const more = { ...contents, adapterData: new Uint8Array(1_003) };
    const mint = (what: typeof most) => form.mint(scope, what, NOW_MS + 1).token;
    expect(form.open(scope, mint(most), NOW_MS).status).toBe("valid");
    expect(form.open(scope, mint(more), NOW_MS).status).toBe("rejected");
  });
});

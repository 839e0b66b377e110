import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Secrets } from "../crypto/secrets.ts";
import { LEASE_CHARACTERS } from "./expiry.ts";
import { createReferenceForm, createStateForm, MAX_CLOCK_SKEW_MS } from "./token.ts";

const OLD = "the old secret, which was used before it was replaced";
const NEW = "the new secret, which is used from now on, until later";
const NOW_MS = 1_800_000_000_000;
const MAX_LEASE_MS = 75_000;
const scope = { adapter: "browser_held", view: "counter", binding: "id:session-1" };
const reference = {
  id: randomBytes(16).toString("base64url"),
  carried: new Uint8Array(Buffer.from("the record of a state")),
};

function form(isEncrypted: boolean, ...secrets: Secrets) {
  return createStateForm(secrets, {
    isEncrypted,
    maxRecordBytes: 1_000,
    maxLeaseMs: MAX_LEASE_MS,
  });
}

describe.each([
  ["encrypted", true],
  ["signed", false],
])("%s states", (_name, isEncrypted) => {
  const current = form(isEncrypted, NEW, OLD);
  const { held, mark } = current.mint(scope, reference, NOW_MS + MAX_LEASE_MS);

  it("give back what was sealed, while their lease lasts", () => {
    const opened = current.open(scope, held, NOW_MS);
    expect(opened).toMatchObject({ status: "valid", mark, isNewest: true });
    expect(opened).toHaveProperty("reference.id", reference.id);
    expect(Buffer.from(opened.status === "valid" ? opened.reference.carried : [])).toEqual(
      Buffer.from(reference.carried),
    );
    const last = NOW_MS + MAX_LEASE_MS - 1;
    expect(current.open(scope, held, last).status).toBe("valid");
    expect(current.open(scope, held, last + 1).status).toBe("expired");
    expect(current.open(scope, held, undefined).status).toBe("valid");
  });

  it("allow for clocks that differ, up to a limit", () => {
    const behindMs = NOW_MS - MAX_CLOCK_SKEW_MS;
    expect(current.open(scope, held, behindMs).status).toBe("valid");
    expect(current.open(scope, held, behindMs - 1).status).toBe("ahead");
  });

  it("show their content only if they are not encrypted", () => {
    const text = Buffer.from(held.slice(0, -1 - LEASE_CHARACTERS), "base64url");
    expect(text.includes(Buffer.from(reference.carried))).toBe(!isEncrypted);
    expect(current.mint(scope, reference, NOW_MS).mark === mark).toBe(!isEncrypted);
  });

  it("are renewed by their mark alone", () => {
    const later = NOW_MS + 3 * MAX_LEASE_MS;
    expect(current.markOf(held)).toBe(mark);
    const renewal = current.renewal(scope, mark, later) ?? "";
    const renewed = `${held.slice(0, held.lastIndexOf("~"))}~${renewal}`;
    expect(current.open(scope, renewed, later - 1).status).toBe("valid");
    expect(current.open(scope, renewed, later).status).toBe("expired");
  });

  it("take no lease of another state, also of the same view", () => {
    const other = current.mint(scope, { ...reference, carried: Buffer.of(1) }, NOW_MS + 1_000);
    const [sealed] = held.split("~");
    const [, lease] = other.held.split("~");
    expect(current.open(scope, `${sealed}~${lease}`, NOW_MS).status).toBe("rejected");
  });

  it("of an older secret are good, and known to be old", () => {
    const old = form(isEncrypted, OLD).mint(scope, reference, NOW_MS + 1);
    expect(current.open(scope, old.held, NOW_MS)).toMatchObject({
      status: "valid",
      isNewest: false,
    });
    expect(form(isEncrypted, NEW).open(scope, old.held, NOW_MS).status).toBe("rejected");
  });

  it("are nothing in another scope, nor for the other mode, nor as a reference", () => {
    for (const other of [{ adapter: "x" }, { view: "x" }, { binding: "x" }]) {
      expect(current.open({ ...scope, ...other }, held, NOW_MS).status).toBe("rejected");
    }
    expect(form(!isEncrypted, NEW).open(scope, held, NOW_MS).status).toBe("rejected");
    const references = createReferenceForm([NEW]);
    const [sealed] = held.split("~");
    expect(references.open(scope, sealed, NOW_MS).status).toBe("rejected");
    const { held: signed } = references.mint(scope, reference, NOW_MS);
    const lease = current.renewal(scope, signed.slice(-22), NOW_MS + 1);
    expect(current.open(scope, `${signed}~${lease}`, NOW_MS).status).toBe("rejected");
  });

  it("are rejected with any character changed, left out or put in", () => {
    for (let at = 0; at < held.length; at += 1) {
      const changed = held[at] === "A" ? "B" : "A";
      for (const forged of [
        held.slice(0, at) + changed + held.slice(at + 1),
        held.slice(0, at) + held.slice(at + 1),
        held.slice(0, at) + changed + held.slice(at),
      ]) {
        expect(current.open(scope, forged, NOW_MS).status).toBe("rejected");
      }
    }
  });

  it.each([undefined, null, 1, {}, [held], "", "~", `~${"A".repeat(24)}`, "A".repeat(10_000_000)])(
    "cannot be read from any other value",
    (presented) => {
      expect(current.open(scope, presented, NOW_MS).status).toBe("rejected");
      expect(current.markOf(presented)).toBeUndefined();
    },
  );

  it("are as large as agreed and no larger", () => {
    const most = { ...reference, carried: new Uint8Array(1_000) };
    const more = { ...reference, carried: new Uint8Array(1_003) };
    const mint = (what: typeof most) => current.mint(scope, what, NOW_MS + 1).held;
    expect(current.open(scope, mint(most), NOW_MS).status).toBe("valid");
    expect(current.open(scope, mint(more), NOW_MS).status).toBe("rejected");
  });
});

import { deriveKeys } from "../crypto/keys.ts";
import type { Secrets } from "../crypto/secrets.ts";
import { createEncryptedEnvelope } from "./encrypted.ts";
import type { Envelope } from "./envelope.ts";
import type { HeldForm } from "./token.ts";
import { LEASE_CHARACTERS, readLease, signLease } from "./lease.ts";
import { createSignedEnvelope } from "./signed.ts";

/**
 * How far the clocks of the servers may be apart: a deadline beyond the longest that this server
 * would give, by more than that, is taken for one that has passed.
 */
export const MAX_CLOCK_SKEW_MS = 30_000;

/** So many characters at the end of an envelope hold all that authenticates it (16 bytes). */
const MARK_CHARACTERS = 22;
const SIGNED_FORMAT = 3;

export interface StateFormOptions {
  readonly isEncrypted: boolean;
  /** The largest record, in bytes. */
  readonly maxRecordBytes: number;
  /** The furthest deadline that a string is given, in ms from then. */
  readonly maxLeaseMs: number;
}

/**
 * Sealed states: an envelope with the record, `~`, and a lease that says until when it is good. The
 * lease is renewed alone, and good for this one envelope only.
 */
export function createStateForm(secrets: Secrets, options: StateFormOptions): HeldForm {
  const envelope = createEnvelope(secrets, options);
  const leaseKeys = deriveKeys(secrets, "lease mac");
  const maxAheadMs = options.maxLeaseMs + MAX_CLOCK_SKEW_MS;
  const maxCharacters = envelope.maxCharacters + 1 + LEASE_CHARACTERS;

  const split = (presented: unknown): HeldParts | undefined => {
    if (typeof presented !== "string" || presented.length > maxCharacters) return undefined;
    const tildeAt = presented.length - LEASE_CHARACTERS - 1;
    if (tildeAt < MARK_CHARACTERS || presented[tildeAt] !== "~") return undefined;
    const sealed = presented.slice(0, tildeAt);
    return { sealed, mark: markOf(sealed), lease: presented.slice(tildeAt + 1) };
  };

  return {
    holdsState: true,
    mint(scope, reference, expiresAtMs) {
      const sealed = envelope.close(scope, reference);
      const mark = markOf(sealed);
      return { held: `${sealed}~${signLease(leaseKeys, scope, mark, expiresAtMs)}`, mark };
    },
    open(scope, presented, nowMs) {
      const parts = split(presented);
      if (parts === undefined) return { status: "rejected" };
      const { sealed, mark, lease } = parts;
      // The lease first: its MAC costs the same however long the rest is.
      const expiresAtMs = readLease(leaseKeys, scope, mark, lease);
      if (expiresAtMs === undefined) return { status: "rejected" };
      const opened = envelope.open(scope, sealed);
      if (opened === undefined) return { status: "rejected" };
      if (nowMs !== undefined && expiresAtMs <= nowMs) return { status: "expired" };
      if (nowMs !== undefined && expiresAtMs > nowMs + maxAheadMs) return { status: "ahead" };
      return { status: "valid", mark, ...opened };
    },
    markOf: (presented) => split(presented)?.mark,
    renewal: (scope, mark, expiresAtMs) => signLease(leaseKeys, scope, mark, expiresAtMs),
  };
}

interface HeldParts {
  readonly sealed: string;
  readonly mark: string;
  readonly lease: string;
}

function markOf(sealed: string): string {
  return sealed.slice(-MARK_CHARACTERS);
}

function createEnvelope(secrets: Secrets, options: StateFormOptions): Envelope {
  const { isEncrypted, maxRecordBytes: maxCarriedBytes } = options;
  if (isEncrypted) {
    return createEncryptedEnvelope({ keys: deriveKeys(secrets, "state seal"), maxCarriedBytes });
  }
  return createSignedEnvelope({
    keys: deriveKeys(secrets, "state mac"),
    format: SIGNED_FORMAT,
    domain: "live-stash/signed state",
    maxCarriedBytes,
  });
}

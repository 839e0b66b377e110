import {
  createEncryptedEnvelope,
  createSignedEnvelope,
  type Envelope,
  type OpenedEnvelope,
  type Reference,
} from "./envelope.ts";
import type { HeldScope } from "./scope.ts";
import { deriveKeys } from "../crypto/keys.ts";
import type { Secrets } from "../crypto/secrets.ts";
import { LEASE_CHARACTERS, readLease, signLease } from "./expiry.ts";
import type { StashAdapter } from "../store/adapter.ts";

/** A new string for a browser, and how to recognise it without keeping it. */
export interface MintedString {
  readonly held: string;
  readonly mark: string;
}

/** What a string that a browser presented turned out to be. */
export type OpenedString =
  /** Genuine, for this scope, and not expired. */
  | ({ readonly status: "valid"; readonly mark: string } & OpenedEnvelope)
  /** Genuine, but its deadline has passed. */
  | { readonly status: "expired" }
  /** Genuine, but of a time that has not come: the clocks of the servers, or this one's, are off. */
  | { readonly status: "ahead" }
  /** Not made for this scope with one of the secrets. */
  | { readonly status: "rejected" };

/** How the strings for one adapter are written and read: as references, or as sealed states. */
export interface HeldForm {
  /** Browsers hold the state itself, and nobody else does. */
  readonly holdsState: boolean;
  /** Writes a string with the newest secret. */
  mint(scope: HeldScope, reference: Reference, expiresAtMs: number): MintedString;
  /**
   * Reads what a browser presented, of which nothing is trusted. No I/O. Without `nowMs` no deadline
   * counts.
   */
  open(scope: HeldScope, presented: unknown, nowMs: number | undefined): OpenedString;
  /** The mark of a string; `undefined` if it can have none. */
  markOf(presented: unknown): string | undefined;
  /** What takes the place of all behind the string's last `~`; `undefined` if it needs no renewal. */
  renewal(scope: HeldScope, mark: string, expiresAtMs: number): string | undefined;
}

const FORMAT = 1;
/** How much an adapter may put into a reference, in bytes. */
const MAX_CARRIED_BYTES = 512;

/**
 * Signed references to what the adapter's store has. They have no deadline, as the store knows it,
 * and are the same each time, so that each is its own mark.
 */
export function createReferenceForm(secrets: Secrets): HeldForm {
  const envelope = createSignedEnvelope({
    keys: deriveKeys(secrets, "reference mac"),
    format: FORMAT,
    domain: "live-stash/reference",
    maxCarriedBytes: MAX_CARRIED_BYTES,
  });
  const markOf = (presented: unknown): string | undefined =>
    typeof presented === "string" ? presented : undefined;

  return {
    holdsState: false,
    mint(scope, reference) {
      const held = envelope.close(scope, reference);
      return { held, mark: held };
    },
    open(scope, presented) {
      const mark = markOf(presented);
      const opened = mark === undefined ? undefined : envelope.open(scope, mark);
      if (mark === undefined || opened === undefined) return { status: "rejected" };
      return { status: "valid", mark, ...opened };
    },
    markOf,
    renewal: () => undefined,
  };
}

/**
 * How far the clocks of the servers may be apart: a deadline beyond the longest that this server
 * would give, by more than that, is taken for one that has passed.
 */
export const MAX_CLOCK_SKEW_MS = 30_000;

/** So many characters at the end of an envelope hold all that authenticates it (16 bytes). */
const MARK_CHARACTERS = 22;
const SIGNED_FORMAT = 3;

interface StateFormOptions {
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

/**
 * Creates the token form for an adapter: reference tokens, or state tokens that expire at most
 * `maxLeaseMs` after they are written.
 */
export function createTokenForm(
  secrets: Secrets,
  adapter: StashAdapter,
  maxLeaseMs: number,
): HeldForm {
  const { browserHolds, maxBytes: maxRecordBytes } = adapter.capabilities;
  if (browserHolds === "reference") return createReferenceForm(secrets);
  return createStateForm(secrets, {
    isEncrypted: browserHolds === "state",
    maxRecordBytes,
    maxLeaseMs,
  });
}

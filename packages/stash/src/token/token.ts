import { deriveKeys } from "../crypto/keys.ts";
import type { Secrets } from "../crypto/secrets.ts";
import type { StashAdapter } from "../store/adapter.ts";
import {
  createEncryptedEnvelope,
  createSignedEnvelope,
  type Envelope,
  type OpenedEnvelope,
  type TokenContents,
} from "./envelope.ts";
import { EXPIRY_CHARACTERS, readExpiry, signExpiry, statusOfExpiry } from "./expiry.ts";
import type { TokenScope } from "./scope.ts";

/** A new token for a browser. */
export interface MintedToken {
  readonly token: string;
  /** Identifies the token, so that the server can recognize it without storing it. */
  readonly tokenId: string;
}

/** A genuine token of the expected scope, opened. */
export interface ValidToken extends OpenedEnvelope {
  readonly tokenId: string;
}

/** The result of opening a token that a browser presented. */
export type OpenedToken =
  | ({ readonly status: "valid" } & ValidToken)
  /** The token is genuine, but has expired. */
  | { readonly status: "expired" }
  /** The token is genuine, but expires later than any this server could write: a clock is wrong. */
  | { readonly status: "ahead" }
  /** The token was not written for this scope with one of the secrets. */
  | { readonly status: "rejected" };

/** Writes and reads the tokens for one adapter: reference tokens or state tokens. */
export interface TokenForm {
  /** Tokens carry the state itself, and nobody but the browser stores it. */
  readonly carriesState: boolean;
  /** Writes a token with the newest secret. */
  mint(scope: TokenScope, contents: TokenContents, expiresAtMs: number): MintedToken;
  /** Reads an untrusted value, without I/O. Ignores the expiry if `nowMs` is `undefined`. */
  open(scope: TokenScope, presented: unknown, nowMs: number | undefined): OpenedToken;
  /** Returns the id of a token, without checking the token; `undefined` if the value has none. */
  tokenIdOf(presented: unknown): string | undefined;
  /**
   * Signs a new expiry, which the browser puts in place of everything after the last `~` of its token.
   * Returns `undefined` if such tokens do not expire.
   */
  renewal(scope: TokenScope, tokenId: string, expiresAtMs: number): string | undefined;
}

/**
 * Creates the token form for an adapter: reference tokens, or state tokens that are valid for at most
 * `maxLifetimeMs` after they are written or renewed.
 */
export function createTokenForm(
  secrets: Secrets,
  { capabilities: { browserHolds, maxBytes } }: StashAdapter,
  maxLifetimeMs: number,
): TokenForm {
  if (browserHolds === "reference") return createReferenceForm(secrets);
  const isEncrypted = browserHolds === "state";
  return createStateForm(secrets, { isEncrypted, maxRecordBytes: maxBytes, maxLifetimeMs });
}

/** The most bytes that an adapter may put into a reference token. */
const MAX_REFERENCE_DATA_BYTES = 512;

/**
 * Creates reference tokens, which name a stash in the adapter's store. They do not expire, because the
 * store knows the deadline. The same stash has the same token each time, so a token is its own id.
 */
export function createReferenceForm(secrets: Secrets): TokenForm {
  const envelope = createSignedEnvelope({
    keys: deriveKeys(secrets, "reference mac"),
    format: 1,
    purpose: "live-stash/reference",
    maxDataBytes: MAX_REFERENCE_DATA_BYTES,
  });

  return {
    carriesState: false,
    mint(scope, contents) {
      const token = envelope.close(scope, contents);
      return { token, tokenId: token };
    },
    open(scope, presented) {
      if (typeof presented !== "string") return { status: "rejected" };
      const opened = envelope.open(scope, presented);
      if (opened === undefined) return { status: "rejected" };
      return { status: "valid", tokenId: presented, ...opened };
    },
    tokenIdOf: (presented) => (typeof presented === "string" ? presented : undefined),
    renewal: () => undefined,
  };
}

/** The last characters of an envelope, which hold all 16 bytes that authenticate it. */
const TOKEN_ID_CHARACTERS = 22;

export interface StateFormOptions {
  readonly isEncrypted: boolean;
  /** The largest record, in bytes. */
  readonly maxRecordBytes: number;
  /** The longest time from writing or renewing a token to its expiry, in ms. */
  readonly maxLifetimeMs: number;
}

/**
 * Creates state tokens: an envelope with the record, `~`, and a signed expiry. The server can renew the
 * expiry without the envelope; a signed expiry is valid for one envelope only.
 */
export function createStateForm(secrets: Secrets, options: StateFormOptions): TokenForm {
  const envelope = createStateEnvelope(secrets, options);
  // The word `lease` stays: another purpose would invalidate the tokens that browsers hold.
  const expiryKeys = deriveKeys(secrets, "lease mac");
  const maxCharacters = envelope.maxCharacters + 1 + EXPIRY_CHARACTERS;

  const split = (presented: unknown): StateTokenParts | undefined => {
    if (typeof presented !== "string" || presented.length > maxCharacters) return undefined;
    const tildeAt = presented.length - EXPIRY_CHARACTERS - 1;
    if (tildeAt < TOKEN_ID_CHARACTERS || presented[tildeAt] !== "~") return undefined;
    const closed = presented.slice(0, tildeAt);
    return { closed, tokenId: endOf(closed), expiry: presented.slice(tildeAt + 1) };
  };

  return {
    carriesState: true,
    mint(scope, contents, expiresAtMs) {
      const closed = envelope.close(scope, contents);
      const tokenId = endOf(closed);
      return { token: `${closed}~${signExpiry(expiryKeys, scope, tokenId, expiresAtMs)}`, tokenId };
    },
    open(scope, presented, nowMs) {
      const parts = split(presented);
      if (parts === undefined) return { status: "rejected" };
      const { closed, tokenId, expiry } = parts;
      // The expiry first: checking its MAC takes the same time however long the envelope is.
      const expiresAtMs = readExpiry(expiryKeys, scope, tokenId, expiry);
      if (expiresAtMs === undefined) return { status: "rejected" };
      const opened = envelope.open(scope, closed);
      if (opened === undefined) return { status: "rejected" };
      const status =
        nowMs === undefined ? "valid" : statusOfExpiry(expiresAtMs, nowMs, options.maxLifetimeMs);
      return status === "valid" ? { status, tokenId, ...opened } : { status };
    },
    tokenIdOf: (presented) => split(presented)?.tokenId,
    renewal: (scope, tokenId, expiresAtMs) => signExpiry(expiryKeys, scope, tokenId, expiresAtMs),
  };
}

interface StateTokenParts {
  readonly closed: string;
  readonly tokenId: string;
  readonly expiry: string;
}

function endOf(closed: string): string {
  return closed.slice(-TOKEN_ID_CHARACTERS);
}

function createStateEnvelope(
  secrets: Secrets,
  { isEncrypted, maxRecordBytes: maxDataBytes }: StateFormOptions,
): Envelope {
  if (isEncrypted) {
    return createEncryptedEnvelope({ keys: deriveKeys(secrets, "state seal"), maxDataBytes });
  }
  return createSignedEnvelope({
    keys: deriveKeys(secrets, "state mac"),
    format: 3,
    purpose: "live-stash/signed state",
    maxDataBytes,
  });
}

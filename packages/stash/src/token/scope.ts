import { StashError } from "../errors.ts";
import type { StashHost } from "../stash-host.ts";

/** The adapter, view and session that a token is valid for. It is invalid anywhere else. */
export interface TokenScope {
  readonly adapter: string;
  readonly view: string;
  /** The browser's session (see `sessionScope`). */
  readonly session: string;
}

/**
 * Encodes a scope as bytes to authenticate or to encrypt with. `purpose` separates kinds of tokens;
 * `rest` narrows the scope, such as to one token.
 */
export function scopeBytes(
  purpose: string,
  { adapter, view, session }: TokenScope,
  ...rest: readonly string[]
): Buffer {
  return lengthPrefixed([purpose, adapter, view, session, ...rest]);
}

/**
 * Returns the session's part of a scope: the session's id, or the value named by the option
 * `sessionKey`. Throws `invalid_option` if the session has no such value.
 */
export function sessionScope(
  session: StashHost["session"],
  sessionKey: string | undefined,
): string {
  if (sessionKey === undefined) {
    if (typeof session.id === "string" && session.id !== "") return `id:${session.id}`;
    throw missing("id");
  }
  const value = Object.hasOwn(session, sessionKey) ? session[sessionKey] : undefined;
  switch (typeof value) {
    case "string":
    case "number":
    case "bigint":
    case "boolean":
      return `value:${JSON.stringify(sessionKey)}:${String(value)}`;
    default:
      throw missing(sessionKey);
  }
}

function missing(key: string): StashError {
  return new StashError(
    "invalid_option",
    `Cannot bind a stash to the session: expected a string, number, bigint or boolean as ` +
      `\`${key}\` of the session, found none. Put it into the session before the view mounts, or ` +
      "change the option `sessionKey`.",
  );
}

const LENGTH_BYTES = 4;

/** Encodes texts, each after its length, so that no two different lists result in the same bytes. */
export function lengthPrefixed(parts: readonly string[]): Buffer {
  let length = 0;
  for (const part of parts) length += LENGTH_BYTES + Buffer.byteLength(part);
  const bytes = Buffer.allocUnsafe(length);
  let at = 0;
  for (const part of parts) {
    const written = bytes.write(part, at + LENGTH_BYTES);
    bytes.writeUInt32BE(written, at);
    at += LENGTH_BYTES + written;
  }
  return bytes;
}

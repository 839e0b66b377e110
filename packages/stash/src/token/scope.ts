import { StashError } from "../errors.ts";
import type { StashHost } from "../stash-host.ts";

/** What a string that a browser holds is valid for; anything else makes it invalid. */
export interface HeldScope {
  readonly adapter: string;
  readonly view: string;
  /** What binds it to the browser's session (see `sessionBinding`). */
  readonly binding: string;
}

/** A scope, and what else belongs to it, as the bytes that a MAC or a cipher is bound to. */
export function scopeBytes(domain: string, scope: HeldScope, ...rest: readonly string[]): Buffer {
  return lengthPrefixed([domain, scope.adapter, scope.view, scope.binding, ...rest]);
}

const LENGTH_BYTES = 4;

/**
 * Texts as one sequence of bytes, each after its length, so that no two lists of texts run together
 * into the same bytes. For what a MAC or a cipher is bound to.
 */
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

/**
 * What binds a reference to the browser's session: the session's id, or the value that `sessionKey`
 * names. Rejects with `invalid_option` where the session has no such value.
 */
export function sessionBinding(
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

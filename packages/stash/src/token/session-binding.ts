import { StashError } from "../errors.ts";
import type { StashHost } from "../stash-host.ts";

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

import { hash } from "node:crypto";
import { createSigner, type Signer } from "./signer.ts";

/** Flash messages by kind, such as `info` and `error`. */
export type Flash = Readonly<Record<string, string>>;

/** The content of a page's token: its view, live session and HTTP session. */
export interface PageToken {
  readonly id: string;
  readonly view: string;
  readonly liveSession: string;
  /** A digest of the HTTP session's id, which makes the token invalid in another session. */
  readonly session: string;
}

/** The data that the first render passes to the first join. */
export interface StaticToken {
  readonly id: string;
  readonly flash: Flash;
}

/** The signers of all tokens in a page, with one key per purpose. */
export interface PageTokens {
  readonly page: Signer<PageToken>;
  readonly static: Signer<StaticToken>;
  readonly flash: Signer<Flash>;
  readonly reload: Signer<{ readonly status: number }>;
  /** Signs an anonymous session that is stored in its page. */
  readonly session: Signer<{ readonly id: string }>;
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

export function createPageTokens(
  secrets: readonly string[],
  now: () => number,
  pageMaxAgeMs = 14 * DAY_MS,
): PageTokens {
  const signer = <T>(purpose: string, maxAgeMs: number): Signer<T> =>
    createSigner<T>({ secrets, purpose, maxAgeMs, now });
  return {
    page: signer("page", pageMaxAgeMs),
    static: signer("static", pageMaxAgeMs),
    flash: signer("flash", MINUTE_MS),
    reload: signer("reload", MINUTE_MS),
    session: signer("anonymous session", pageMaxAgeMs),
  };
}

/** Returns a digest of a session id, for places where the id itself must not appear. */
export const sessionDigest = (sessionId: string): string =>
  hash("sha256", `live-view session ${sessionId}`, "base64url").slice(0, 22);

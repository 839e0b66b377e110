import { hash, randomBytes } from "node:crypto";
import { serialize } from "cookie";
import { LiveViewError } from "../errors.ts";
import { foundValue } from "../message-text.ts";
import { checkJson } from "../json-value.ts";
import { createSigner, deriveKey } from "./signer.ts";
import { requestOrigin } from "./request-origin.ts";
import { resolveSecrets } from "./secrets.ts";
import type { RequestConnection, RequestHead, Session, SessionSource } from "./session-source.ts";

export interface CookieSessionOptions {
  /**
   * Signs the cookie; several for rotation, the newest first. Default: as for `createLiveServer`, the
   * environment variable `LIVE_VIEW_SECRET`.
   */
  readonly secrets?: readonly string[];
  /**
   * The cookie's name. Default: `_live_view_session_` and 8 characters that follow from the secret, the
   * same in all processes of an application: cookies do not tell ports apart, so two applications on one
   * host would overwrite each other's. Set it to have them share a session (with the same secret), or
   * to a name with the prefix `__Host-`, which browsers accept over HTTPS only.
   */
  readonly name?: string;
  /** Lifetime of the cookie and of its signature, in ms. Default 14 days. */
  readonly maxAgeMs?: number;
  /**
   * Have browsers send the cookie over HTTPS only, and drop it where the page came by plain HTTP.
   * Default: if the request that gets the cookie came by HTTPS, so far as the connection or, with
   * `trustProxy`, a proxy's header says so; `true` with `sameSite: "none"` or `partitioned`.
   */
  readonly secure?: boolean;
  /**
   * Which requests from other sites carry the cookie. Default `"lax"`: links to the application.
   * `"none"`: all, also of a page in a frame of another site; such a cookie is always `Secure`.
   */
  readonly sameSite?: "strict" | "lax" | "none";
  /**
   * Keep a jar of cookies for each site in whose frames the application is shown (CHIPS): browsers
   * that block third-party cookies accept these. Goes with `sameSite: "none"`. Default false.
   */
  readonly partitioned?: boolean;
  /** Sends the cookie to the subdomains of a domain as well. Default: to this very host only. */
  readonly domain?: string;
  /** Whether forwarded headers tell HTTPS, as for `createLiveServer`. Default false. */
  readonly trustProxy?: boolean;
  readonly now?: () => number;
}

/** A session and the `Set-Cookie` value that hands it to the browser. */
export interface SessionCookie {
  readonly session: Session;
  readonly setCookie: string;
}

/** A session source whose data lives in a signed (not encrypted) cookie. */
export interface CookieSession extends SessionSource {
  /**
   * The `Set-Cookie` value that replaces the session's data, such as after a login. The id is new.
   * `request` is the one that is being answered: it tells whether the cookie is to be `Secure`.
   * Without it the cookie is, once this source has seen any request over HTTPS.
   */
  renew(data: Readonly<Record<string, unknown>>, request?: RequestHead): SessionCookie;
  start(request: RequestHead, connection?: RequestConnection): SessionCookie;
  isAnonymous(session: Session): boolean;
}

/** Browsers drop larger cookies. */
const MAX_COOKIE_LENGTH = 4096;
const NAME_CHARACTERS = /^[\w!#$%&'*+.^`|~-]+$/;
const SAME_SITE = ["strict", "lax", "none"] as const;
const OPTIONS: readonly string[] = [
  "secrets",
  "name",
  "maxAgeMs",
  "secure",
  "sameSite",
  "partitioned",
  "domain",
  "trustProxy",
  "now",
] satisfies readonly (keyof CookieSessionOptions)[];

export const cookieHeader = (request: RequestHead): string => {
  const header = request.headers.cookie;
  return typeof header === "string" ? header : "";
};

/** All values of a cookie: a parent domain's of the same name comes along, in no order to rely on. */
function* cookieValues(request: RequestHead, name: string): Generator<string> {
  for (const pair of cookieHeader(request).split(";")) {
    const separator = pair.indexOf("=");
    if (pair.slice(0, separator).trim() === name) yield pair.slice(separator + 1).trim();
  }
}

const derivedName = (secret: string): string =>
  `_live_view_session_${hash("sha256", Buffer.from(deriveKey(secret, "cookie name")), "hex").slice(0, 8)}`;

function invalid(option: string, expected: string, found: unknown, advice: string): LiveViewError {
  return new LiveViewError(
    "invalid_option",
    `cookieSession: expected \`${option}\` to be ${expected}, ` +
      `found ${foundValue(found)}. ${advice}`,
  );
}

function checkOptions(options: CookieSessionOptions): void {
  for (const option of Object.keys(options)) {
    if (OPTIONS.includes(option)) continue;
    throw new LiveViewError(
      "invalid_option",
      `cookieSession: expected options of ${OPTIONS.join(", ")}, found \`${option}\`. ` +
        (option === "cookieName" ? "It is called `name`." : "Remove it."),
    );
  }
  const { name, maxAgeMs, sameSite, domain, secure } = options;
  if (name !== undefined && (typeof name !== "string" || !NAME_CHARACTERS.test(name))) {
    const advice = 'Use letters, digits, "-" and "_".';
    throw invalid("name", "the name of a cookie", name, advice);
  }
  if (maxAgeMs !== undefined && !(Number.isFinite(maxAgeMs) && maxAgeMs >= 1000)) {
    throw invalid("maxAgeMs", "at least 1000 ms", maxAgeMs, "Leave it out for 14 days.");
  }
  if (sameSite !== undefined && !SAME_SITE.includes(sameSite)) {
    throw invalid(
      "sameSite",
      `one of ${SAME_SITE.join(", ")}`,
      sameSite,
      'Leave it out for "lax".',
    );
  }
  for (const flag of ["secure", "partitioned", "trustProxy"] as const) {
    const value: unknown = options[flag];
    if (value === undefined || typeof value === "boolean") continue;
    throw invalid(flag, "true or false", value, "Leave it out for its default.");
  }
  if (domain !== undefined && !/^\.?[a-z\d-]+(\.[a-z\d-]+)*$/i.test(domain)) {
    const advice = "Leave it out to keep the cookie to one host.";
    throw invalid("domain", 'a domain such as "example.com"', domain, advice);
  }
  const needsHttps =
    sameSite === "none" || options.partitioned === true || /^__(?:Host|Secure)-/i.test(name ?? "");
  if (needsHttps && secure === false) {
    const advice =
      'Browsers drop such a cookie with `sameSite: "none"`, `partitioned` or this `name`.';
    throw invalid("secure", "true, or left out", secure, advice);
  }
  if (/^__Host-/i.test(name ?? "") && domain !== undefined) {
    const advice = 'A cookie named "__Host-…" belongs to one host.';
    throw invalid("domain", "left out", domain, advice);
  }
}

/**
 * Keeps sessions in signed cookies. Works over plain HTTP and HTTPS without being told which.
 *
 * @throws `LiveViewError` `invalid_option`, or `missing_secret` in production without one.
 */
export function cookieSession(options: CookieSessionOptions = {}): CookieSession {
  checkOptions(options);
  const { sameSite = "lax", partitioned = false, domain, trustProxy = false } = options;
  const maxAgeMs = options.maxAgeMs ?? 14 * 86_400_000;
  const secrets = resolveSecrets(options.secrets, process.env, console);
  // With several secrets the cookies of the older ones are still read, under their names.
  const names = options.name === undefined ? secrets.map(derivedName) : [options.name];
  const [writtenName = ""] = names;
  const needsHttps = sameSite === "none" || partitioned || /^__(?:Host|Secure)-/i.test(writtenName);
  const secure = options.secure ?? (needsHttps ? true : undefined);
  const signer = createSigner<Session>({
    secrets,
    purpose: "cookie session",
    maxAgeMs,
    now: options.now ?? Date.now,
  });

  const cookieOf = (data: Readonly<Record<string, unknown>>, isHttps: boolean): SessionCookie => {
    checkJson(["cookieSession.renew"], "data", data);
    const session: Session = { ...data, id: randomBytes(18).toString("base64url") };
    const value = signer.sign(session);
    if (value.length > MAX_COOKIE_LENGTH - 256) {
      throw new LiveViewError(
        "invalid_option",
        `cookieSession: expected session data that fits a cookie of ${MAX_COOKIE_LENGTH} bytes, ` +
          `found ${value.length}. Keep an id there and the data in a store.`,
      );
    }
    const setCookie = serialize(writtenName, value, {
      httpOnly: true,
      sameSite,
      path: "/",
      secure: secure ?? isHttps,
      partitioned,
      maxAge: Math.floor(maxAgeMs / 1000),
      ...(domain === undefined ? {} : { domain }),
    });
    return { session, setCookie };
  };

  let hasSeenHttps = false;
  const isHttps = (request: RequestHead, connection?: RequestConnection): boolean => {
    const isSecure =
      connection?.secure === true || requestOrigin(request, trustProxy).scheme === "https";
    hasSeenHttps ||= isSecure;
    return isSecure;
  };

  return {
    read(request) {
      if (!hasSeenHttps) isHttps(request);
      for (const name of names) {
        for (const value of cookieValues(request, name)) {
          const verified = signer.verify(value);
          if (verified.ok) return verified.value;
        }
      }
      return undefined;
    },
    start: (request, connection) => cookieOf({}, isHttps(request, connection)),
    renew: (data, request) =>
      cookieOf(data, request === undefined ? hasSeenHttps : isHttps(request)),
    isAnonymous: (session) => Object.keys(session).length === 1,
  };
}

import { hash, randomBytes } from "node:crypto";
import { serialize } from "cookie";
import { checkOptionNames, invalidOption, LiveViewError } from "../errors.ts";
import { checkJson } from "../json-value.ts";
import { requestOrigin } from "./request-origin.ts";
import { resolveSecrets } from "./secrets.ts";
import type { RequestConnection, RequestHead, Session, SessionSource } from "./session-source.ts";
import { createSigner, deriveKey } from "./signer.ts";

export interface CookieSessionOptions {
  /**
   * The secrets that sign the cookie: several for rotation, the newest first. Default: the environment
   * variable `LIVE_VIEW_SECRET`, as for `createLiveServer`.
   */
  readonly secrets?: readonly string[];
  /**
   * The name of the cookie. Default: `_live_view_session_` and 8 characters derived from the secret, so
   * that all processes of an application use one name. Two applications on one host would otherwise
   * overwrite each other's cookie, because cookies ignore ports. Set the name to share a session between
   * applications with the same secret, or to one with the prefix `__Host-`, which browsers accept over
   * HTTPS only.
   */
  readonly name?: string;
  /** The lifetime of the cookie and of its signature, in ms. Default: 14 days. */
  readonly maxAgeMs?: number;
  /**
   * Whether browsers send the cookie over HTTPS only, and reject it from a page over plain HTTP. Default:
   * `true` if the request was sent over HTTPS according to the connection or, with `trustProxy`, to the
   * proxy's header; always `true` with `sameSite: "none"` or `partitioned`.
   */
  readonly secure?: boolean;
  /**
   * The requests from other sites with which browsers send the cookie. Default `"lax"`: only when the
   * user follows a link. `"none"`: with all requests, also of a page in a frame of another site; such a
   * cookie is always `Secure`.
   */
  readonly sameSite?: "strict" | "lax" | "none";
  /**
   * Whether browsers keep a separate cookie for each site that shows the application in a frame (CHIPS).
   * Browsers that block third-party cookies accept such a cookie. Use it with `sameSite: "none"`. Default:
   * false.
   */
  readonly partitioned?: boolean;
  /** The domain to whose subdomains browsers send the cookie too. Default: the exact host only. */
  readonly domain?: string;
  /** Whether forwarded headers decide about HTTPS, as for `createLiveServer`. Default: false. */
  readonly trustProxy?: boolean;
  /** The clock, in ms since the epoch, for tests. Default: `Date.now`. */
  readonly now?: () => number;
}

/** A session, and the `Set-Cookie` value that stores it in the browser. */
export interface SessionCookie {
  readonly session: Session;
  readonly setCookie: string;
}

/** A session source that keeps the data in a cookie, signed but not encrypted. */
export interface CookieSession extends SessionSource {
  /**
   * Creates a session with new data and a new id, such as after a login. `request` is the request to
   * answer, which decides whether the cookie is `Secure`. Without it, the cookie is `Secure` once this
   * source has seen any request over HTTPS.
   */
  renew(data: Readonly<Record<string, unknown>>, request?: RequestHead): SessionCookie;
  start(request: RequestHead, connection?: RequestConnection): SessionCookie;
  isAnonymous(session: Session): boolean;
}

/** The largest cookie that browsers accept, in bytes, with its name and attributes. */
const MAX_COOKIE_LENGTH = 4096;
const NAME_CHARACTERS = /^[\w!#$%&'*+.^`|~-]+$/;
const SAME_SITE = ["strict", "lax", "none"] as const;
const OPTIONS: Record<keyof CookieSessionOptions, true> = {
  secrets: true,
  name: true,
  maxAgeMs: true,
  secure: true,
  sameSite: true,
  partitioned: true,
  domain: true,
  trustProxy: true,
  now: true,
};

export const cookieHeader = (request: RequestHead): string => {
  const header = request.headers.cookie;
  return typeof header === "string" ? header : "";
};

/**
 * Yields every value of a cookie. Browsers also send a parent domain's cookie of the same name, in any
 * order.
 */
function* cookieValues(request: RequestHead, name: string): Generator<string> {
  for (const pair of cookieHeader(request).split(";")) {
    const separator = pair.indexOf("=");
    if (pair.slice(0, separator).trim() === name) yield pair.slice(separator + 1).trim();
  }
}

const derivedName = (secret: string): string =>
  `_live_view_session_${hash("sha256", Buffer.from(deriveKey(secret, "cookie name")), "hex").slice(0, 8)}`;

function invalid(option: string, expected: string, value: unknown, advice: string): LiveViewError {
  return invalidOption("cookieSession", option, expected, value, advice);
}

function checkOptions(options: CookieSessionOptions): void {
  checkOptionNames("cookieSession", options, OPTIONS);
  const { name, maxAgeMs, sameSite, domain, secure } = options;
  if (name !== undefined && (typeof name !== "string" || !NAME_CHARACTERS.test(name))) {
    const advice = 'Use letters, digits, "-" and "_".';
    throw invalid("name", "a valid cookie name", name, advice);
  }
  if (maxAgeMs !== undefined && !(Number.isFinite(maxAgeMs) && maxAgeMs >= 1000)) {
    throw invalid("maxAgeMs", "at least 1000 ms", maxAgeMs, "Omit it for 14 days.");
  }
  if (sameSite !== undefined && !SAME_SITE.includes(sameSite)) {
    throw invalid("sameSite", `one of ${SAME_SITE.join(", ")}`, sameSite, 'Omit it for "lax".');
  }
  for (const flag of ["secure", "partitioned", "trustProxy"] as const) {
    const value: unknown = options[flag];
    if (value === undefined || typeof value === "boolean") continue;
    throw invalid(flag, "true or false", value, "Omit it for the default.");
  }
  if (domain !== undefined && !/^\.?[a-z\d-]+(\.[a-z\d-]+)*$/i.test(domain)) {
    const advice = "Omit it to limit the cookie to one host.";
    throw invalid("domain", 'a domain such as "example.com"', domain, advice);
  }
  const needsHttps =
    sameSite === "none" || options.partitioned === true || /^__(?:Host|Secure)-/i.test(name ?? "");
  if (needsHttps && secure === false) {
    const advice =
      'Browsers reject such a cookie with `sameSite: "none"`, `partitioned` or this `name`.';
    throw invalid("secure", "true or undefined", secure, advice);
  }
  if (/^__Host-/i.test(name ?? "") && domain !== undefined) {
    const advice = 'A cookie named "__Host-…" belongs to one host.';
    throw invalid("domain", "undefined", domain, advice);
  }
}

/**
 * Creates a session source that keeps sessions in signed cookies. Works over plain HTTP and HTTPS
 * without configuration.
 *
 * @throws `LiveViewError` `invalid_option`, or `missing_secret` in production without one.
 */
export function cookieSession(options: CookieSessionOptions = {}): CookieSession {
  checkOptions(options);
  const { sameSite = "lax", partitioned = false, domain, trustProxy = false } = options;
  const maxAgeMs = options.maxAgeMs ?? 14 * 86_400_000;
  const secrets = resolveSecrets(options.secrets, process.env, console);
  // Cookies signed with an older secret are still read under the name derived from that secret.
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
    // 256 bytes are left for the name and the attributes.
    if (value.length > MAX_COOKIE_LENGTH - 256) {
      throw new LiveViewError(
        "invalid_option",
        `cookieSession: expected session data that fits a cookie of ${MAX_COOKIE_LENGTH} bytes, ` +
          `found ${value.length}. Keep an id in the session and the data in a store.`,
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

import { invalidOption, type LiveViewError } from "../errors.ts";

/**
 * The pages that may open a socket. `"same-host"`: the host and port of the `Origin` header must equal
 * those of the `Host` header. A list: origins such as `"https://app.example.com"`,
 * `"https://*.example.com"` (any subdomain) or `"//app.example.com"` (any scheme). `"any"`: all, only for
 * use behind a proxy that checks the origin. Default ports, case and a trailing slash make no difference.
 */
export type OriginPolicy = "same-host" | "any" | readonly string[];

const SCHEME_AND_REST = /^([a-z][a-z\d+.-]*:)?\/\/(.*)$/is;
const ANY_SUBDOMAIN = "*.";

const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([
  ["http:", 80],
  ["https:", 443],
]);

/** One listed origin, normalized as in a `URL`. */
interface ListedOrigin {
  /** The scheme with a colon; `undefined` for any. */
  readonly scheme: string | undefined;
  /** The host; a dot in front stands for any subdomain. */
  readonly host: string;
  /** The port; `undefined` for the default of the page's scheme. */
  readonly port: number | undefined;
}

function invalid(value: unknown, advice: string): LiveViewError {
  const expected =
    '"same-host", "any" or a list of origins such as "https://app.example.com" or "//*.example.com"';
  return invalidOption("createLiveServer", "origin", expected, value, advice);
}

function parseListed(entry: unknown): ListedOrigin {
  if (entry === "*" || entry === "any") throw invalid([entry], 'Set `origin: "any"`.');
  const [, givenScheme, rest = ""] =
    typeof entry === "string" ? (SCHEME_AND_REST.exec(entry.trim()) ?? []) : [];
  if (rest === "") {
    throw invalid(
      entry,
      `Write "https://${String(entry)}", or "//${String(entry)}" for any scheme.`,
    );
  }
  const scheme = givenScheme?.toLowerCase();
  if (scheme === "ws:" || scheme === "wss:") {
    throw invalid(
      entry,
      "Browsers send the origin of the page, not of its socket: write http or https.",
    );
  }
  const isAnySubdomain = rest.startsWith(ANY_SUBDOMAIN);
  const parsable = `${scheme ?? "http:"}//${isAnySubdomain ? rest.slice(2) : rest}`;
  const url = URL.canParse(parsable) ? new URL(parsable) : undefined;
  const isOrigin =
    url !== undefined &&
    url.host !== "" &&
    !url.host.includes("*") &&
    (url.pathname === "/" || url.pathname === "") &&
    `${url.search}${url.hash}${url.username}${url.password}` === "" &&
    !/[?#@]/.test(rest);
  if (!isOrigin)
    throw invalid(entry, "An origin has a scheme, a host and an optional port, nothing else.");
  // Not `url.port`, which is empty for 80 because of the assumed scheme.
  const [, port] = /:(\d+)\/?$/.exec(rest) ?? [];
  return {
    scheme,
    host: `${isAnySubdomain ? "." : ""}${url.hostname}`,
    port: port === undefined ? undefined : Number(port),
  };
}

/**
 * Validates a policy and returns the function that checks the origin of an upgrade. It accepts a request
 * without an `Origin` header, because browsers always send one.
 *
 * @throws `LiveViewError` `invalid_option` for a policy that can match no origin.
 */
export function createOriginCheck(
  policy: OriginPolicy,
): (origin: string | undefined, host: string) => boolean {
  if (policy === "any") return () => true;
  if (policy === "same-host") {
    return (origin, host) => {
      if (origin === undefined) return true;
      if (!URL.canParse(origin)) return false;
      const { protocol, host: pageHost } = new URL(origin);
      // The scheme of the page decides the port of a host without one.
      const own = `${protocol}//${host}`;
      return pageHost !== "" && URL.canParse(own) && new URL(own).host === pageHost;
    };
  }
  if (!Array.isArray(policy)) {
    const advice = "Write a list, even for a single origin.";
    throw invalid(policy, advice);
  }
  if (policy.length === 0) throw invalid(policy, "An empty list would refuse every browser.");
  const listed = policy.map(parseListed);
  return (origin) => {
    if (origin === undefined) return true;
    if (!URL.canParse(origin)) return false;
    const page = new URL(origin);
    return listed.some((entry) => isListed(entry, page));
  };
}

function isListed({ scheme, host, port }: ListedOrigin, page: URL): boolean {
  if (scheme !== undefined && scheme !== page.protocol) return false;
  if (host.startsWith(".") ? !page.hostname.endsWith(host) : page.hostname !== host) return false;
  if (port === undefined) return page.port === "";
  return port === (page.port === "" ? DEFAULT_PORTS.get(page.protocol) : Number(page.port));
}

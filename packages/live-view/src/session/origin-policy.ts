import { LiveViewError } from "../errors.ts";
import { foundValue } from "../message-text.ts";

/**
 * Which pages may open a socket: `"same-host"` (the `Origin`'s host and port must be those of the
 * request's own `Host`), a list of origins such as `"https://app.example.com"`,
 * `"https://*.example.com"` (any subdomain) or `"//app.example.com"` (any scheme), or `"any"` (only
 * behind a proxy that checks it). Default ports, case and a slash at the end make no difference.
 */
export type OriginPolicy = "same-host" | "any" | readonly string[];

const SCHEME_AND_REST = /^([a-z][a-z\d+.-]*:)?\/\/(.*)$/is;
const ANY_SUBDOMAIN = "*.";

const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([
  ["http:", 80],
  ["https:", 443],
]);

/** One listed origin, in the form in which a URL prints it. */
interface ListedOrigin {
  /** With a colon; `undefined` for any. */
  readonly scheme: string | undefined;
  /** Starts with a dot where any subdomain will do. */
  readonly host: string;
  /** `undefined` for the default port of the page's scheme. */
  readonly port: number | undefined;
}

function invalid(found: string, advice: string): LiveViewError {
  return new LiveViewError(
    "invalid_option",
    'createLiveServer: expected `origin` to be "same-host", "any" or a list of origins such as ' +
      `"https://app.example.com" or "//*.example.com", found ${found}. ${advice}`,
  );
}

function parseListed(entry: unknown): ListedOrigin {
  const text = foundValue(entry);
  if (entry === "*" || entry === "any") throw invalid(`${text} in a list`, 'Set `origin: "any"`.');
  const [, givenScheme, rest = ""] =
    typeof entry === "string" ? (SCHEME_AND_REST.exec(entry.trim()) ?? []) : [];
  if (rest === "") {
    throw invalid(
      text,
      `Write "https://${String(entry)}", or "//${String(entry)}" for any scheme.`,
    );
  }
  const scheme = givenScheme?.toLowerCase();
  if (scheme === "ws:" || scheme === "wss:") {
    throw invalid(text, "Browsers name the page, not its socket: write http or https.");
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
  if (!isOrigin) throw invalid(text, "An origin has a scheme, a host and perhaps a port, no more.");
  // Not the URL's own port: without a scheme, 80 is the default of none yet.
  const [, port] = /:(\d+)\/?$/.exec(rest) ?? [];
  return {
    scheme,
    host: `${isAnySubdomain ? "." : ""}${url.hostname}`,
    port: port === undefined ? undefined : Number(port),
  };
}

/**
 * Checks a policy, once, and gives what decides about upgrades. A missing `Origin` is accepted:
 * browsers always send one.
 *
 * @throws `LiveViewError` `invalid_option` for what can match no origin.
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
      // The page's own scheme says which port a host without one means.
      const own = `${protocol}//${host}`;
      return pageHost !== "" && URL.canParse(own) && new URL(own).host === pageHost;
    };
  }
  if (!Array.isArray(policy)) {
    const advice = "Several origins, and a single one, stand in a list.";
    throw invalid(foundValue(policy), advice);
  }
  if (policy.length === 0) throw invalid("an empty list", "It would refuse every browser.");
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

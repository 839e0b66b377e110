import type { RequestHead } from "./session-source.ts";

/** Scheme and authority under which a client sees a server, as in the URL that its page shows. */
export interface RequestOrigin {
  readonly scheme: "http" | "https";
  /** Host and port as the request names them, such as `app.example.com:8443` or `[::1]:4000`. */
  readonly host: string;
}

/** No character that could end the host of a URL, or make it one with a user. */
export const HOST = /^[^\s/\\?#@]+$/;

const headerText = (request: RequestHead, name: string): string | undefined => {
  const value = request.headers[name];
  return typeof value === "string" ? value : value?.[0];
};

/** The first element of a header that each proxy of a chain appends to: the one nearest the client. */
const firstOf = (text: string | undefined): string | undefined => {
  const first = text?.split(",", 1)[0]?.trim();
  return first === "" ? undefined : first;
};

/** Reads one parameter of the first element of a `Forwarded` header (RFC 7239). */
function forwardedParameter(header: string | undefined, name: string): string | undefined {
  for (const pair of firstOf(header)?.split(";") ?? []) {
    const separator = pair.indexOf("=");
    if (pair.slice(0, separator).trim().toLowerCase() !== name) continue;
    const value = pair.slice(separator + 1).trim();
    return value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
  }
  return undefined;
}

const isEncrypted = ({ socket }: RequestHead): boolean =>
  typeof socket === "object" && "encrypted" in socket && socket.encrypted === true;

/**
 * The origin that a request was sent to. The scheme is that of the connection itself, the host that
 * of `Host` or, in HTTP/2, `:authority`. With `trustProxy` the headers `X-Forwarded-Proto` and
 * `X-Forwarded-Host`, or else `Forwarded`, win: anybody may send these, so a proxy must set them.
 */
export function requestOrigin(request: RequestHead, trustProxy: boolean): RequestOrigin {
  const own: RequestOrigin = {
    scheme: isEncrypted(request) ? "https" : "http",
    host: headerText(request, "host") ?? headerText(request, ":authority") ?? "localhost",
  };
  if (!trustProxy) return own;
  const forwarded = headerText(request, "forwarded");
  const scheme = (
    firstOf(headerText(request, "x-forwarded-proto")) ?? forwardedParameter(forwarded, "proto")
  )?.toLowerCase();
  const host =
    firstOf(headerText(request, "x-forwarded-host")) ?? forwardedParameter(forwarded, "host");
  return {
    scheme: httpScheme(scheme) ?? own.scheme,
    host: host ?? own.host,
  };
}

/** Some proxies name the scheme of a WebSocket, which is that of HTTP to a page. */
function httpScheme(scheme: string | undefined): "http" | "https" | undefined {
  if (scheme === "https" || scheme === "wss") return "https";
  return scheme === "http" || scheme === "ws" ? "http" : undefined;
}

import type { RequestHead } from "./session-source.ts";

/** The scheme and authority of the server as the client sees them, as in the URL of its page. */
export interface RequestOrigin {
  readonly scheme: "http" | "https";
  /** The host and port of the request, such as `app.example.com:8443` or `[::1]:4000`. */
  readonly host: string;
}

/** Matches a host without characters that could end the host of a URL or add credentials to it. */
export const HOST = /^[^\s/\\?#@]+$/;

const headerText = (request: RequestHead, name: string): string | undefined => {
  const value = request.headers[name];
  return typeof value === "string" ? value : value?.[0];
};

/** Returns the first element of a header to which each proxy appends: that of the proxy next to the client. */
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
 * Returns the origin to which a request was sent: the scheme of its connection, and the host of `Host`
 * or, in HTTP/2, `:authority`. With `trustProxy`, the headers `X-Forwarded-Proto` and
 * `X-Forwarded-Host`, or else `Forwarded`, override them. Any client can send these headers, so a
 * trusted proxy must set them.
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

/** Maps the scheme of a WebSocket, which some proxies send, to the HTTP scheme of its page. */
function httpScheme(scheme: string | undefined): "http" | "https" | undefined {
  if (scheme === "https" || scheme === "wss") return "https";
  return scheme === "http" || scheme === "ws" ? "http" : undefined;
}

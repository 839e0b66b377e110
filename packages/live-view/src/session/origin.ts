/**
 * Which pages may open a socket: `"same-host"` (the `Origin`'s host must be the request's own
 * `Host`), a list of origins such as `"https://app.example.com"` or `"//*.example.com"` (any
 * scheme, any subdomain), or `"any"` (only behind a proxy that checks it).
 */
export type OriginPolicy = "same-host" | "any" | readonly string[];

function matches(origin: URL, entry: string): boolean {
  const separator = entry.indexOf("//");
  const scheme = entry.slice(0, Math.max(separator, 0));
  const host = separator === -1 ? entry : entry.slice(separator + 2);
  if (scheme !== "" && scheme !== origin.protocol) return false;
  if (!host.startsWith("*.")) return origin.host === host;
  return origin.host.endsWith(host.slice(1));
}

/** Whether a socket upgrade may go on. A missing `Origin` is accepted: browsers always send one. */
export function isOriginAllowed(
  policy: OriginPolicy,
  headers: { readonly origin?: string | undefined; readonly host?: string | undefined },
): boolean {
  if (policy === "any" || headers.origin === undefined) return true;
  if (!URL.canParse(headers.origin)) return false;
  const origin = new URL(headers.origin);
  if (policy === "same-host") return origin.host === headers.host;
  return policy.some((entry) => matches(origin, entry));
}

/**
 * The URL of a page, of which the client says where it is on its server: path, query and fragment.
 * `origin` is the one that its socket was opened at, as the client could name any other. `undefined` for
 * what is no URL of a page.
 */
export function pageUrl(location: string | undefined, origin: string): URL | undefined {
  if (location === undefined || !URL.canParse(location)) return undefined;
  const { pathname, search, hash } = new URL(location);
  // Not resolved against the origin, where a path such as `//example.com/` would be another host.
  const text = `${origin}${pathname}${search}${hash}`;
  return pathname.startsWith("/") && URL.canParse(text) ? new URL(text) : undefined;
}

import { LiveViewError } from "../errors.ts";

/** Where a view sends its page. */
export interface Navigation {
  readonly kind: "patch" | "navigate" | "redirect";
  readonly to: string;
  readonly replace: boolean;
}

/** Stands for the page's own origin. */
const OWN_ORIGIN = "http://own.invalid";

/** A path of this origin: `//host` and `/\host` lead elsewhere in a browser. */
const isPath = (to: string): boolean => /^\/(?![/\\])/.test(to);

/**
 * The target as a browser would read it, in ASCII: it drops tabs and line breaks, so that
 * `/<tab>/host` leads elsewhere, and an HTTP header cannot carry what is not encoded.
 */
function resolve(kind: Navigation["kind"], to: string): string | undefined {
  if (kind === "redirect" && /^https?:\/\//i.test(to)) {
    return URL.canParse(to) ? new URL(to).href : undefined;
  }
  if (!isPath(to) || !URL.canParse(to, OWN_ORIGIN)) return undefined;
  const { origin, pathname, search, hash } = new URL(to, OWN_ORIGIN);
  // `/.//host` is a path until its dot is resolved.
  return origin === OWN_ORIGIN && isPath(pathname) ? pathname + search + hash : undefined;
}

/** Checks a target before it reaches a browser: an open redirect or `javascript:` must not. */
export function navigation(
  kind: Navigation["kind"],
  to: string,
  options?: { readonly replace?: boolean },
): Navigation {
  const target = resolve(kind, to);
  if (target === undefined) {
    throw new LiveViewError(
      "invalid_navigation",
      `${kind}: expected a path that starts with one "/"` +
        (kind === "redirect" ? " or an absolute http(s) URL" : "") +
        `, found ${JSON.stringify(to.slice(0, 80))}.`,
    );
  }
  return { kind, to: target, replace: options?.replace ?? false };
}

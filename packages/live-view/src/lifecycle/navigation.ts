import { quoteText } from "../message-text.ts";
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
function resolvePath(to: unknown): string | undefined {
  if (typeof to !== "string" || !isPath(to) || !URL.canParse(to, OWN_ORIGIN)) return undefined;
  const { origin, pathname, search, hash } = new URL(to, OWN_ORIGIN);
  // `/.//host` is a path until its dot is resolved.
  return origin === OWN_ORIGIN && isPath(pathname) ? pathname + search + hash : undefined;
}

/** Checks a path before it reaches a browser: an open redirect or `javascript:` must not. */
export function navigation(
  kind: Navigation["kind"],
  to: string,
  options?: { readonly replace?: boolean },
): Navigation {
  const target = resolvePath(to);
  if (target === undefined) {
    throw new LiveViewError(
      "invalid_navigation",
      `${kind}: expected a path that starts with one "/", found ${describe(to)}.` +
        (kind === "redirect" ? ' Another site is redirect({ external: "https://…" }).' : ""),
    );
  }
  return { kind, to: target, replace: options?.replace ?? false };
}

/** Another site, which only a redirect reaches, and only as one that was meant. */
export interface ExternalTarget {
  /** An absolute http(s) URL. Never one that a user gave: that would be an open redirect. */
  readonly external: string;
}

/** Checks the URL of another site: http(s), without a user's name in it. */
export function externalNavigation({ external }: ExternalTarget): Navigation {
  const isHttp = typeof external === "string" && /^https?:\/\/[^/\\]/i.test(external);
  const url = isHttp && URL.canParse(external) ? new URL(external) : undefined;
  // `https://own.example@evil.example/` reads like the first of the two.
  if (url === undefined || url.username !== "" || url.password !== "") {
    throw new LiveViewError(
      "invalid_navigation",
      "redirect: expected `external` to be an absolute http(s) URL without credentials, " +
        `found ${describe(external)}.`,
    );
  }
  return { kind: "redirect", to: url.href, replace: false };
}

const describe = (found: unknown): string =>
  typeof found === "string" ? quoteText(found) : found === null ? "null" : typeof found;

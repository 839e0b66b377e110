import { LiveViewError } from "../errors.ts";
import { quoteText } from "../message-text.ts";

/** The target to which a view sends its page. */
export interface Navigation {
  readonly kind: "patch" | "navigate" | "redirect";
  readonly to: string;
  readonly replace: boolean;
}

/** A placeholder for the page's own origin. */
const OWN_ORIGIN = "http://own.invalid";

/** Whether the text is a path of this origin: browsers read `//host` and `/\host` as another host. */
const isPath = (to: string): boolean => /^\/(?![/\\])/.test(to);

/**
 * Returns the path as a browser reads it, or `undefined` if it leads to another origin. Browsers drop
 * tabs and line breaks, so that `/<tab>/host` is another host. The path is percent-encoded because an
 * HTTP header carries ASCII only.
 */
function resolvePath(to: unknown): string | undefined {
  if (typeof to !== "string" || !isPath(to) || !URL.canParse(to, OWN_ORIGIN)) return undefined;
  const { origin, pathname, search, hash } = new URL(to, OWN_ORIGIN);
  // Checked again, because resolving the dot of `/.//host` makes `//host` of it.
  return origin === OWN_ORIGIN && isPath(pathname) ? pathname + search + hash : undefined;
}

/** Checks a path, so that neither an open redirect nor a `javascript:` URL reaches a browser. */
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
        (kind === "redirect" ? ' For another site, call redirect({ external: "https://…" }).' : ""),
    );
  }
  return { kind, to: target, replace: options?.replace ?? false };
}

/** The explicit target of a redirect to another site. */
export interface ExternalTarget {
  /** An absolute http(s) URL. Never use a URL from user input: that would be an open redirect. */
  readonly external: string;
}

/** Checks the URL of another site: http(s), without credentials. */
export function externalNavigation({ external }: ExternalTarget): Navigation {
  const isHttp = typeof external === "string" && /^https?:\/\/[^/\\]/i.test(external);
  const url = isHttp && URL.canParse(external) ? new URL(external) : undefined;
  // Credentials can disguise the host: `https://own.example@evil.example/` leads to evil.example.
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
  typeof found === "string" ? quoteText(found) : typeNameOf(found);

/** Returns the type of a value for a message that must not show the value itself. */
export const typeNameOf = (value: unknown): string => (value === null ? "null" : typeof value);

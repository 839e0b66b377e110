import { LiveViewError } from "../errors.ts";

/** Where a view sends its page. */
export interface Navigation {
  readonly kind: "patch" | "navigate" | "redirect";
  readonly to: string;
  readonly replace: boolean;
}

/** A path of this origin: `//host` and `/\host` lead elsewhere in a browser. */
const isPath = (to: string): boolean => /^\/(?![/\\])/.test(to);

/** Checks a target before it reaches a browser: an open redirect or `javascript:` must not. */
export function navigation(
  kind: Navigation["kind"],
  to: string,
  options?: { readonly replace?: boolean },
): Navigation {
  const isAbsolute = kind === "redirect" && /^https?:\/\//i.test(to) && URL.canParse(to);
  if (!isPath(to) && !isAbsolute) {
    throw new LiveViewError(
      "invalid_navigation",
      `${kind}: expected a path that starts with one "/"` +
        (kind === "redirect" ? " or an absolute http(s) URL" : "") +
        `, found ${JSON.stringify(to.slice(0, 80))}.`,
    );
  }
  return { kind, to, replace: options?.replace ?? false };
}

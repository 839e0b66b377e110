import { attrs, type Attributes } from "./attributes.ts";

/** Options of live links. */
export interface LinkOptions {
  /** Whether the new URL replaces the current history entry. Default: false. */
  readonly replace?: boolean;
}

const link = (kind: string, to: string, { replace = false }: LinkOptions): Attributes =>
  attrs({
    href: to,
    "data-phx-link": kind,
    "data-phx-link-state": replace ? "replace" : "push",
  });

/** Attributes of a link to another URL of the same view: `<a ${patchLink("/?page=2")}>`. */
export function patchLink(to: string, options: LinkOptions = {}): Attributes {
  return link("patch", to, options);
}

/** Attributes of a link to another view of the same live session: `<a ${navigateLink("/")}>`. */
export function navigateLink(to: string, options: LinkOptions = {}): Attributes {
  return link("redirect", to, options);
}

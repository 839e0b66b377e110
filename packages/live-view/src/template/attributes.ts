import { LiveViewError } from "../errors.ts";
import { refusalReason } from "./attribute-kinds.ts";
import { type AttributeValue, printAttribute } from "./print-attribute.ts";

/** Printed attributes, made by `attrs`, `patchLink` or `navigateLink`. */
export class Attributes {
  readonly html: string;

  constructor(html: string) {
    this.html = html;
  }
}

/**
 * Prints attributes by name inside a tag: `<div ${attrs({ id, "data-x": 1 })}>`. null, undefined
 * and false leave an attribute out, true prints it without a value (`aria-*`, `contenteditable`,
 * `draggable` and `spellcheck` print the words `true` and `false`).
 * @throws LiveViewError `invalid_value` for a name that no attribute can have, for `on*` and
 * `srcdoc`, and for a value that is not text.
 */
export function attrs(attributes: Readonly<Record<string, AttributeValue>>): Attributes {
  let html = "";
  for (const [name, value] of Object.entries(attributes)) {
    const reason = refusalReason(name);
    if (reason !== undefined) {
      throw new LiveViewError(
        "invalid_value",
        `Printing attrs(): expected attributes that may be set, found \`${name}\`: ${reason}.`,
      );
    }
    html += printAttribute(name.toLowerCase(), value, `attrs({ ${name} })`);
  }
  return new Attributes(html);
}

/** Options of `patchLink` and `navigateLink`. */
export interface LinkOptions {
  /** Whether the new URL replaces the current history entry. Default: false. */
  readonly replace?: boolean;
}

/** Prints the attributes of a link to another URL of the same view: `<a ${patchLink("/?page=2")}>`. */
export function patchLink(to: string, options: LinkOptions = {}): Attributes {
  return link("patch", to, options);
}

/**
 * Prints the attributes of a link to another view of the same live session:
 * `<a ${navigateLink("/")}>`.
 */
export function navigateLink(to: string, options: LinkOptions = {}): Attributes {
  return link("redirect", to, options);
}

function link(kind: string, to: string, { replace = false }: LinkOptions): Attributes {
  return attrs({
    href: to,
    "data-phx-link": kind,
    "data-phx-link-state": replace ? "replace" : "push",
  });
}

/** Class names, or conditions for them. */
export type ClassInput =
  | string
  | false
  | null
  | undefined
  | Readonly<Record<string, boolean | null | undefined>>
  | readonly ClassInput[];

/** Joins the class names that are on: `classes("button", big && "big", { active })`. */
export function classes(...inputs: readonly ClassInput[]): string {
  const names: string[] = [];
  for (const input of inputs) {
    if (!input) continue;
    if (typeof input === "string") names.push(input);
    else if (isList(input)) names.push(classes(...input));
    else for (const [name, isOn] of Object.entries(input)) if (isOn === true) names.push(name);
  }
  return names.filter((name) => name !== "").join(" ");
}

const isList = (input: object): input is readonly ClassInput[] => Array.isArray(input);

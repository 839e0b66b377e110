import { LiveViewError } from "../errors.ts";
import { refusedAttribute } from "./attribute-names.ts";
import { printAttribute, type AttributeValue } from "./attribute-text.ts";

/** Printed attributes, made by `attrs`, `patchLink` or `navigateLink`. */
export class Attributes {
  readonly html: string;

  constructor(html: string) {
    this.html = html;
  }
}

/**
 * Attributes by name, to put into a tag: `<div ${attrs({ id, "data-x": 1 })}>`. A value of null,
 * undefined or false leaves the attribute out, true gives one without a value (in `aria-*`,
 * `contenteditable`, `draggable` and `spellcheck`, booleans are the words).
 * @throws LiveViewError `invalid_value` for what is no attribute name, for `on*` and `srcdoc`, and
 * for values that are not text.
 */
export function attrs(attributes: Readonly<Record<string, AttributeValue>>): Attributes {
  let html = "";
  for (const [name, value] of Object.entries(attributes)) {
    const reason = refusedAttribute(name);
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

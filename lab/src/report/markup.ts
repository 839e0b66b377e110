/** Text that is already HTML or SVG. Any other value is escaped when a template inserts it. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type MarkupValue = string | number | Markup | null | readonly MarkupValue[];

const REFERENCES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function escapeMarkup(text: string): string {
  return text.replace(/[&<>"']/g, (character) => REFERENCES[character] ?? character);
}

/** A template of markup. `null` prints nothing, a list prints its items. */
export function markup(pieces: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  let text = pieces[0] ?? "";
  for (const [index, value] of values.entries()) text += print(value) + (pieces[index + 1] ?? "");
  return new Markup(text);
}

function print(value: MarkupValue): string {
  if (value === null) return "";
  if (value instanceof Markup) return value.text;
  if (typeof value === "object") return value.map(print).join("");
  return escapeMarkup(String(value));
}

/**
 * Renders a cell of a table whose rows become cards on a phone. There the label stands beside the value,
 * and empty cells are hidden.
 */
export function tableCell(
  label: string,
  value: string,
  { isBad = false, small = null }: { isBad?: boolean; small?: MarkupValue } = {},
): Markup {
  const kind = value === "–" && small === null ? "none" : isBad ? "bad" : "";
  return markup`<td data-label="${label}" class="${kind}"><b>${value}</b>${small}</td>`;
}

/** Text that is HTML or SVG already: everything else is escaped where it is put in. */
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

/** A template of markup; `null` prints nothing, a list prints its items. */
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

const SPECIAL = /[&<>"']/;
const EVERY_SPECIAL = /[&<>"']/g;

const REFERENCES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Escapes text for HTML, both between tags and within a quoted attribute value. */
export function escapeHtml(text: string): string {
  return SPECIAL.test(text)
    ? text.replace(EVERY_SPECIAL, (character) => REFERENCES[character] ?? character)
    : text;
}

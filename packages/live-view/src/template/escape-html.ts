// oxlint-disable no-control-regex -- NUL and CR must be found.
const SPECIAL = /[&<>"'\r\0]/;
const EVERY_SPECIAL = /[&<>"'\r\0]/g;
// oxlint-enable no-control-regex

const REFERENCES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  // A browser reads a literal CR as LF.
  "\r": "&#13;",
  // A browser drops NUL in some places, and no character reference stands for it.
  "\0": "\uFFFD",
};

/** Escapes text for HTML, both between tags and within a quoted attribute value. */
export function escapeHtml(text: string): string {
  return SPECIAL.test(text)
    ? text.replace(EVERY_SPECIAL, (character) => REFERENCES[character] ?? character)
    : text;
}

/** HTML to print unescaped, made by `rawHtml`. */
export class RawHtml {
  readonly html: string;

  constructor(html: string) {
    // A browser reads CR as LF. Replaced here because a CR at the end would join the LF at the start
    // of the next value to one line break.
    this.html = html.includes("\r") ? html.replace(/\r\n?/g, "\n") : html;
  }
}

/**
 * Prints HTML that you trust, unescaped, between tags. Anyone who can influence this text can run
 * scripts in your users' pages: sanitize text from a user or a database before you pass it here.
 */
export function rawHtml(trustedHtml: string): RawHtml {
  return new RawHtml(trustedHtml);
}

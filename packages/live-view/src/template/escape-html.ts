// oxlint-disable no-control-regex -- NUL and CR are what must be found.
const SPECIAL = /[&<>"'\r\0]/;
const EVERY_SPECIAL = /[&<>"'\r\0]/g;
// oxlint-enable no-control-regex

const REFERENCES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  // A parser reads a CR as it stands as LF, and drops NUL in some places: no HTML can carry that.
  "\r": "&#13;",
  "\0": "\uFFFD",
};

/** Escapes text for HTML, both between tags and within a quoted attribute value. */
export function escapeHtml(text: string): string {
  return SPECIAL.test(text)
    ? text.replace(EVERY_SPECIAL, (character) => REFERENCES[character] ?? character)
    : text;
}

/** HTML that is printed as it is, made by `rawHtml`. */
export class RawHtml {
  readonly html: string;

  constructor(html: string) {
    // As a parser reads it, so that no CR at its end meets the LF of what comes next.
    this.html = html.includes("\r") ? html.replace(/\r\n?/g, "\n") : html;
  }
}

/**
 * Prints HTML that you trust, unescaped, between tags. Whoever can influence this text can run
 * scripts in your users' pages: never pass it what came from a user or a database unsanitized.
 */
export function rawHtml(trustedHtml: string): RawHtml {
  return new RawHtml(trustedHtml);
}

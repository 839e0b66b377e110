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

/** HTML that is printed as it is, made by `rawHtml`. */
export class RawHtml {
  readonly html: string;

  constructor(html: string) {
    this.html = html;
  }
}

/**
 * Prints HTML that you trust, unescaped, between tags. Whoever can influence this text can run
 * scripts in your users' pages: never pass it what came from a user or a database unsanitized.
 */
export function rawHtml(trustedHtml: string): RawHtml {
  return new RawHtml(trustedHtml);
}

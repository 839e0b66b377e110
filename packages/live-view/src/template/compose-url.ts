import { escapeHtml } from "./escape-html.ts";
import { attributeText } from "./print-attribute.ts";
import { BLOCKED_URL, findSchemeEnd, isUnsafeUrl } from "./safe-url.ts";
import type { ComposedUrl, Shape } from "./shape.ts";

/** The beginning of a URL attribute's value, up to where its scheme can no longer change. */
export interface UrlStart {
  /** The static parts behind each value of the beginning. */
  readonly parts: readonly string[];
  /** The static text behind the beginning, in the piece where it ends. */
  readonly rest: string;
}

/** Whether values behind this static text can still decide the scheme of a URL. */
export function isSchemeOpen(start: string, refuse: (found: string) => never): boolean {
  const end = findSchemeEnd(start);
  if (end !== -1 && start.charAt(end) === "&" && !start.startsWith("&amp;", end)) {
    refuse("in a URL with a character reference in its scheme; write the character itself");
  }
  return end === -1;
}

/**
 * Finds the values, from the one at `from`, that can contribute to the scheme of a URL: all in front
 * of the first character that ends or rules out a scheme, such as `/` or `?`.
 */
export function readUrlStart(
  pieces: readonly string[],
  from: number,
  quote: string,
  refuse: (found: string) => never,
): UrlStart {
  const parts: string[] = [];
  let rest = "";
  for (const piece of pieces.slice(from + 1)) {
    const quoteAt = piece.indexOf(quote);
    const text = quoteAt === -1 ? piece : piece.slice(0, quoteAt);
    const open = isSchemeOpen(text, refuse);
    const end = findSchemeEnd(text);
    // A colon ends the scheme, and text behind it can make the URL unsafe (`data:text/html`). Text
    // behind any other character cannot, and can be updated on its own.
    const part = open || text.charAt(end) === ":" ? text : text.slice(0, end);
    parts.push(part);
    rest = piece.slice(part.length);
    if (!open || quoteAt !== -1) break;
  }
  return { parts, rest };
}

/** Replaces the values of each composed URL by a single one: the checked and escaped text. */
export function composeUrls(shape: Shape, values: readonly unknown[]): unknown[] {
  const composed: unknown[] = [];
  let next = 0;
  for (const url of shape.composedUrls) {
    composed.push(...values.slice(next, url.from));
    next = url.from + url.parts.length - 1;
    const near = shape.holes[composed.length]?.near ?? "";
    const texts = values.slice(url.from, next).map((value) => attributeText(value, near));
    composed.push(composeUrl(url, texts));
  }
  composed.push(...values.slice(next));
  return composed;
}

function composeUrl({ attribute, parts }: ComposedUrl, texts: readonly string[]): string {
  let url = "";
  let html = "";
  parts.forEach((part, index) => {
    const text = texts[index] ?? "";
    url += part + text;
    html += part + escapeHtml(text);
  });
  return isUnsafeUrl(url, attribute) ? BLOCKED_URL : html;
}

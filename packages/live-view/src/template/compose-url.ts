import { attributeText } from "./print-attribute.ts";
import { escapeHtml } from "./escape-html.ts";
import { BLOCKED_URL, findSchemeEnd, isUnsafeUrl } from "./safe-url.ts";
import type { ComposedUrl, Shape } from "./shape.ts";

/** The beginning of a URL attribute's value, up to where its scheme can no longer change. */
export interface UrlStart {
  /** The static parts behind each value of the beginning. */
  readonly parts: readonly string[];
  /** What follows it in the piece where it ends. */
  readonly rest: string;
}

/** Whether a URL that begins with this static text can still get any scheme. */
export function isSchemeOpen(start: string, refuse: (found: string) => never): boolean {
  const end = findSchemeEnd(start);
  if (end !== -1 && start.charAt(end) === "&" && !start.startsWith("&amp;", end)) {
    refuse("in a URL with a character reference in its scheme; write the character itself");
  }
  return end === -1;
}

/**
 * Reads which values, from the one at `from`, can still belong to the scheme of a URL: all that
 * come before a character that ends or rules out a scheme, such as `/` or `?`.
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
    // A colon is part of the scheme, and what follows it may matter. What follows any other
    // character does not, and can be updated on its own.
    const part = open || text.charAt(end) === ":" ? text : text.slice(0, end);
    parts.push(part);
    rest = piece.slice(part.length);
    if (!open || quoteAt !== -1) break;
  }
  return { parts, rest };
}

/** Replaces the values of each composed URL by one: checked, escaped HTML. */
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

/** What is printed in place of a URL that would run as a script. */
export const BLOCKED_URL = "about:blank#blocked";

// Browsers drop tabs and line breaks anywhere in a URL and control characters in front of it;
// dropping all of them blocks at least what any browser would run.
// oxlint-disable-next-line no-control-regex
const IGNORED = /[\u0000-\u0020]/g;
const RUNS = /^(?:javascript|vbscript):/i;
const DATA = /^data:/i;
const MEDIA_TYPE = /^data:([^,;]*)[,;]/i;
const MEDIA = /^(?:image|audio|video|font)\//i;
const MARKUP = /^(?!image\/).*(?:html|xml)/i;

// oxlint-disable-next-line no-control-regex
const SCHEME_END = /[^A-Za-z0-9+.\-\u0000-\u0020]/;

/** Where in a URL's beginning the first character stands that ends, or rules out, a scheme. */
export function findSchemeEnd(text: string): number {
  return text.search(SCHEME_END);
}

/** Whether a URL has a scheme that runs or frames foreign markup if it stands in `attribute`. */
export function isUnsafeUrl(url: string, attribute: string): boolean {
  const first = url.charCodeAt(0);
  // "/", "#" and "?" begin by far most URLs of a page, and can never be a scheme.
  if (first === 0x2f || first === 0x23 || first === 0x3f) return false;
  const compact = url.replace(IGNORED, "");
  if (RUNS.test(compact)) return true;
  if (!DATA.test(compact)) return false;
  // A type that is not complete could be completed by what follows the value in its attribute.
  const mediaType = MEDIA_TYPE.exec(compact)?.[1];
  if (mediaType === undefined) return true;
  return attribute === "src" || attribute === "data"
    ? !MEDIA.test(mediaType)
    : MARKUP.test(mediaType);
}

/**
 * The URL itself, or `about:blank#blocked` where it would run: `javascript:` and `vbscript:`
 * always; `data:` as HTML or XML, and in `src` and `data` as anything but media.
 */
export function safeUrl(url: string, attribute: string): string {
  return isUnsafeUrl(url, attribute) ? BLOCKED_URL : url;
}

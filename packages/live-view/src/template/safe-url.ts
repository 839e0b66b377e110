/** The URL printed in place of one that would run as a script. */
export const BLOCKED_URL = "about:blank#blocked";

// Browsers drop tabs and line breaks anywhere in a URL, and control characters in front of it.
// Dropping all of them everywhere blocks at least every URL that a browser would run.
// oxlint-disable-next-line no-control-regex -- browsers ignore these characters in URLs.
const IGNORED = /[\u0000-\u0020]/g;
const RUNS = /^(?:javascript|vbscript):/i;
const DATA = /^data:/i;
const MEDIA_TYPE = /^data:([^,;]*)[,;]/i;
const MEDIA = /^(?:image|audio|video|font)\//i;
const MARKUP = /^(?!image\/).*(?:html|xml)/i;

// oxlint-disable-next-line no-control-regex -- browsers ignore these characters in URLs.
const SCHEME_END = /[^A-Za-z0-9+.\-\u0000-\u0020]/;

/** Returns the index of the first character that ends or rules out a scheme, or -1. */
export function findSchemeEnd(text: string): number {
  return text.search(SCHEME_END);
}

/** Whether a URL in this attribute would run a script or show foreign markup. */
export function isUnsafeUrl(url: string, attribute: string): boolean {
  const first = url.charCodeAt(0);
  // Most URLs of a page begin with "/", "#" or "?", which no scheme does.
  if (first === 0x2f || first === 0x23 || first === 0x3f) return false;
  const compact = url.replace(IGNORED, "");
  if (RUNS.test(compact)) return true;
  if (!DATA.test(compact)) return false;
  // Text behind the value in its attribute could complete an incomplete media type.
  const mediaType = MEDIA_TYPE.exec(compact)?.[1];
  if (mediaType === undefined) return true;
  return attribute === "src" || attribute === "data"
    ? !MEDIA.test(mediaType)
    : MARKUP.test(mediaType);
}

/**
 * Returns the URL, or `about:blank#blocked` if the URL is unsafe: `javascript:` and `vbscript:`
 * always; `data:` as HTML or XML, and in `src` and `data` as anything but media.
 */
export function safeUrl(url: string, attribute: string): string {
  return isUnsafeUrl(url, attribute) ? BLOCKED_URL : url;
}

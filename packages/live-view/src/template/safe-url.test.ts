import fc from "fast-check";
import { expect, test } from "vitest";
import { html } from "./html.ts";
import { printHtml } from "./print-html.ts";
import { BLOCKED_URL, safeUrl } from "./safe-url.ts";
import type { Template } from "./template.ts";

const plain = html;

test.each([
  ["/a:b", "href"],
  ["https://example.com/?q=javascript:1", "href"],
  ["mailto:a@example.com", "href"],
  ["javascript", "href"],
  ["?javascript:", "href"],
  ["data:text/csv,a", "href"],
  ["data:,text", "href"],
  ["data:image/svg+xml,<svg/>", "href"],
  ["data:image/png;base64,AA", "src"],
])("safeUrl leaves %s in %s alone", (url, attribute) => {
  expect(safeUrl(url, attribute)).toBe(url);
});

test.each([
  ["javascript:alert(1)", "href"],
  [" \u0001JavaScript:alert(1)", "href"],
  ["java\tscr\nipt\r:alert(1)", "action"],
  ["vbscript:x", "href"],
  ["data:text/html,<script>", "href"],
  ["DATA:Text/HTML;base64,AA", "formaction"],
  ["data:application/xhtml+xml,x", "href"],
  ["data:text", "href"],
  ["data:text/javascript,x", "src"],
  ["data:text/html,x", "data"],
])("safeUrl blocks %s in %s", (url, attribute) => {
  expect(safeUrl(url, attribute)).toBe(BLOCKED_URL);
});

/** Returns the URL that a browser reads from the attribute of a printed element. */
function readUrl(template: Template): string {
  const value = /="([^"]*)"/.exec(printHtml(template))?.[1] ?? "";
  return value
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}

const protocolOf = (url: string): string =>
  URL.canParse(url, "http://localhost/") ? new URL(url, "http://localhost/").protocol : "";

const part = fc.constantFrom(
  "",
  "java",
  "script",
  "Javascript:",
  ":",
  "javascript:x",
  " ",
  "\n",
  "\t",
  "\u0001",
  "x",
  "/",
  "&",
  "data",
  "vb",
);
const parts = fc.tuple(part, part, part);

const forms: readonly ((a: string, b: string, c: string) => Template)[] = [
  (a, b, c) => plain`<a href="${a}${b}${c}"></a>`,
  (a, b, c) => plain`<a href=${a + b + c}></a>`,
  (a, b, c) => plain`<a href="java${a}${b + c}"></a>`,
  (a, b, c) => plain`<a href="${a}script${b}:${c}"></a>`,
  (a, b, c) => plain`<a href="${a} ${b}&amp;${c}"></a>`,
  (a, b, c) => plain`<a href=" ${a + b + c}"></a>`,
  (a, b, c) => plain`<a href="${a + b}/${c}"></a>`,
  (a, b, c) => plain`<a href="${a}${b}?x=${c}&amp;y=${a}"></a>`,
];

test("no URL composed of values has a scheme that runs, as the URL standard reads it", () => {
  fc.assert(
    fc.property(parts, fc.constantFrom(...forms), ([a, b, c], form) => {
      expect(["javascript:", "vbscript:"]).not.toContain(protocolOf(readUrl(form(a, b, c))));
    }),
    { numRuns: 5_000 },
  );
});

test("values that compose a harmless URL print unchanged", () => {
  expect(readUrl(plain`<a href="${"/a"}/${"b"}?c=${1}"></a>`)).toBe("/a/b?c=1");
  expect(readUrl(plain`<a href="${"mail"}${"to:"}${"x"}"></a>`)).toBe("mailto:x");
  expect(readUrl(plain`<a href="${"a"}&amp;b=${"<&"}"></a>`)).toBe("a&b=<&");
  expect(readUrl(plain`<img src="data:image/png;base64,${"AA"}">`)).toBe(
    "data:image/png;base64,AA",
  );
});

test("only the values at the beginning of a URL are merged into one hole", () => {
  const { statics, holes } = plain`<a href="x${1}-${2}/${3}?y=${4}">${5}</a>`.shape;
  expect(statics).toEqual(['<a href="', "/", "?y=", '">', "</a>"]);
  expect(holes.map(({ place }) => place.kind)).toEqual([
    "composed-url",
    "attribute-value",
    "attribute-value",
    "text",
  ]);
});

import { createClientTree, type WireTree } from "@live-stash/wire";
import fc from "fast-check";
import { defaultTreeAdapter, type DefaultTreeAdapterTypes as Tree, parseFragment } from "parse5";
import { beforeAll, describe, expect, test } from "vitest";
import {
  loadOfficialRendered,
  type OfficialRenderedClass,
} from "../../../wire/test/official-rendered.ts";
import { ShownDocument } from "../../../wire/test/shown-document.ts";
import { diffTemplates } from "../diff/diff.ts";
import { attrs } from "./attributes.ts";
import { rawHtml } from "./escape-html.ts";
import { html } from "./html.ts";
import { printHtml } from "./print-html.ts";
import { type HtmlValue, keyed, type Template } from "./template.ts";

// Formatters change the white space of `html` templates; under another name they leave it alone.
const plain = html;

/** A model of an element's content, from which both the values and the parsed text are made. */
type Content =
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "nothing"; readonly value: null | boolean | undefined }
  | { readonly kind: "raw"; readonly value: string }
  | { readonly kind: "nested"; readonly shape: number; readonly parts: readonly Content[] }
  | { readonly kind: "array"; readonly items: readonly Content[] }
  | {
      readonly kind: "keyed";
      readonly keys: readonly number[];
      readonly items: readonly Content[];
    };

const NOTHING: Content = { kind: "nothing", value: null };

interface Nested {
  readonly build: (a: HtmlValue, b: HtmlValue) => Template;
  readonly text: (a: string, b: string) => string;
}

const NESTED: readonly Nested[] = [
  { build: (a) => plain`${a}`, text: (a) => a },
  { build: (a, b) => plain`${a}${b}`, text: (a, b) => a + b },
  { build: (a) => plain`\n${a}`, text: (a) => `\n${a}` },
  { build: (a) => plain`${a}\n`, text: (a) => `${a}\n` },
  // The static texts contain CR, which a parser reads as LF.
  { build: (a) => plain`\r${a}\r\n`, text: (a) => `\n${a}\n` },
  { build: (a) => plain`<b>${a}</b>`, text: (a) => a },
  { build: () => plain`\n`, text: () => "\n" },
];

function build(content: Content): HtmlValue {
  switch (content.kind) {
    case "text":
    case "nothing":
      return content.value;
    case "raw":
      return rawHtml(content.value);
    case "nested": {
      const [a, b] = content.parts;
      return NESTED[content.shape]?.build(build(a ?? NOTHING), build(b ?? NOTHING));
    }
    case "array":
      return content.items.map(build);
    case "keyed":
      return keyed(
        content.keys,
        (key) => key,
        (key) => build(content.items[key % content.items.length] ?? NOTHING),
      );
  }
}

function textOf(content: Content): string {
  switch (content.kind) {
    case "text":
      return content.value;
    case "nothing":
      return "";
    case "raw":
      return content.value.replace(/\r\n?/g, "\n");
    case "nested": {
      const [a, b] = content.parts;
      return NESTED[content.shape]?.text(textOf(a ?? NOTHING), textOf(b ?? NOTHING)) ?? "";
    }
    case "array":
      return content.items.map(textOf).join("");
    case "keyed":
      return content.keys
        .map((key) => textOf(content.items[key % content.items.length] ?? NOTHING))
        .join("");
  }
}

/** An element around two contents, and the text that a parser must find in the element. */
interface Element {
  readonly name: string;
  readonly tag: string;
  readonly textOnly?: true;
  readonly build: (a: HtmlValue, b: HtmlValue) => Template;
  readonly text: (a: string, b: string) => string;
}

const both = (a: string, b: string): string => a + b;
const ELEMENTS: readonly Element[] = [
  {
    name: "textarea",
    tag: "textarea",
    textOnly: true,
    build: (a, b) => plain`<textarea>${a}${b}</textarea>`,
    text: both,
  },
  {
    name: "textarea with a static line break behind the value",
    tag: "textarea",
    textOnly: true,
    build: (a, b) => plain`<div><textarea class=${"x"} rows="2">${a}\n${b}</textarea></div>`,
    text: (a, b) => `${a}\n${b}`,
  },
  {
    name: "textarea with a static line break that the parser drops",
    tag: "textarea",
    textOnly: true,
    build: (a, b) => plain`<textarea>\r${a}${b}</textarea>`,
    text: both,
  },
  {
    name: "textarea closed by itself, in capitals",
    tag: "textarea",
    textOnly: true,
    build: (a, b) => plain`<p><TEXTAREA/>${a}${b}</TextArea></p>`,
    text: both,
  },
  { name: "pre", tag: "pre", build: (a, b) => plain`<pre>${a}${b}</pre>`, text: both },
  {
    name: "pre with attributes",
    tag: "pre",
    build: (a, b) => plain`<pre ${attrs({ id: "x" })} title="${"y"}" >${a}${b}\n</pre>`,
    text: (a, b) => `${a}${b}\n`,
  },
  {
    name: "pre with text between tag and value",
    tag: "pre",
    build: (a, b) => plain`<pre> ${a}\r\n${b}</pre>`,
    text: (a, b) => ` ${a}\n${b}`,
  },
  {
    name: "pre with static line breaks, one of which the parser drops",
    tag: "pre",
    build: (a, b) => plain`<pre>\r\n\n${a}${b}</pre>`,
    text: (a, b) => `\n${a}${b}`,
  },
  {
    name: "pre with code",
    tag: "pre",
    build: (a, b) => plain`<pre><code>${a}</code>${b}</pre>`,
    text: both,
  },
  {
    name: "pre with a comment",
    tag: "pre",
    build: (a, b) => plain`<pre><!-- c -->${a}${b}</pre>`,
    text: both,
  },
  {
    name: "pre as the entry of a list",
    tag: "pre",
    build: (a, b) => plain`<ul>${[1].map(() => plain`<pre>${a}${b}</pre>`)}</ul>`,
    text: both,
  },
  {
    name: "pre that opens in a template of its own",
    tag: "pre",
    build: (a, b) => plain`<div>${plain`<pre>`}${a}${b}</pre></div>`,
    text: both,
  },
  {
    name: "listing",
    tag: "listing",
    build: (a, b) => plain`<listing>${a}${b}</listing>`,
    text: both,
  },
  { name: "div", tag: "div", build: (a, b) => plain`<div>${a}${b}</div>`, text: both },
  {
    name: "title",
    tag: "title",
    textOnly: true,
    build: (a, b) => plain`<svg></svg><title>${a}${b}</title>`,
    text: both,
  },
];

const TEXTS = fc
  .array(fc.constantFrom("\n", "\n", "\r", "\r\n", "a", " ", "\t", "<", "&#13;", "\u0085"), {
    maxLength: 4,
  })
  .map((units) => units.join(""));
const text = TEXTS.map((value): Content => ({ kind: "text", value }));
const nothing = fc
  .constantFrom(null, undefined, true, false)
  .map((value): Content => ({ kind: "nothing", value }));
const { content } = fc.letrec<{ content: Content; items: Content[] }>((tie) => ({
  items: fc.array(tie("content"), { maxLength: 3 }),
  content: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    text,
    nothing,
    fc.constantFrom("\r", "\n", "<i>\n</i>", "a\r\n").map((value) => ({
      kind: "raw" as const,
      value,
    })),
    fc.record({
      kind: fc.constant("nested" as const),
      shape: fc.nat(NESTED.length - 1),
      parts: tie("items"),
    }),
    fc.record({ kind: fc.constant("array" as const), items: tie("items") }),
    fc.record({
      kind: fc.constant("keyed" as const),
      keys: fc.shuffledSubarray([0, 1, 2, 3]),
      items: fc.array(tie("content"), { minLength: 1, maxLength: 4 }),
    }),
  ),
}));

const rawText = (value: string): string => value.replace(/<\/?[bi]>/g, "");

function find(node: Tree.ParentNode, tag: string): Tree.Element | undefined {
  for (const child of node.childNodes) {
    if (!defaultTreeAdapter.isElementNode(child)) continue;
    const found = child.tagName === tag ? child : find(child, tag);
    if (found !== undefined) return found;
  }
  return undefined;
}

function textContent(node: Tree.ParentNode): string {
  return node.childNodes
    .map((child) => {
      if (defaultTreeAdapter.isTextNode(child)) return child.value;
      return defaultTreeAdapter.isElementNode(child) ? textContent(child) : "";
    })
    .join("");
}

/** Returns the text of the element as a parser of the HTML standard finds it. */
function parsedText(printed: string, tag: string): string | undefined {
  const found = find(parseFragment(printed), tag);
  return found === undefined ? undefined : textContent(found);
}

let Rendered: OfficialRenderedClass;
beforeAll(async () => {
  Rendered = await loadOfficialRendered();
});

const overTheWire = (diff: object): WireTree => JSON.parse(JSON.stringify(diff)) as WireTree;

describe("line breaks", () => {
  test.each(ELEMENTS.map((element) => [element.name, element] as const))(
    "of values in %s survive printing, diffs and a parser",
    (_, { tag, textOnly, build: element, text: expected }) => {
      const part = textOnly === true ? fc.oneof(text, nothing) : content;
      const steps = fc.array(fc.tuple(part, part), { minLength: 1, maxLength: 5 });
      fc.assert(
        fc.property(steps, (renders) => {
          let previous: Template | undefined;
          let official: InstanceType<OfficialRenderedClass> | undefined;
          let ours: ReturnType<typeof createClientTree> | undefined;
          const browser = new ShownDocument();
          for (const [a, b] of renders) {
            const next = element(build(a), build(b));
            const wanted = rawText(expected(textOf(a), textOf(b)));
            const diff = diffTemplates(previous, next);
            expect(parsedText(printHtml(next), tag)).toBe(wanted);
            if (official === undefined || ours === undefined) {
              official = new Rendered("phx-1", overTheWire(diff ?? {}));
              ours = createClientTree(overTheWire(diff ?? {}));
            } else if (diff !== undefined) {
              official.mergeDiff(overTheWire(diff));
              ours.merge(overTheWire(diff));
            }
            expect(parsedText(browser.show(official.toString().buffer), tag)).toBe(wanted);
            expect(parsedText(ours.toHtml(), tag)).toBe(wanted);
            previous = next;
          }
        }),
        { numRuns: 200 },
      );
    },
  );

  test("and tabs of attribute values survive printing and a parser", () => {
    fc.assert(
      fc.property(TEXTS, TEXTS, (a, b) => {
        const printed = printHtml(plain`<input title="${a}|${b}" value=${a} ${attrs({ alt: b })}>`);
        const input = find(parseFragment(printed), "input");
        const values = input?.attrs.map(({ name, value }) => [name, value]);
        expect(values).toEqual([
          ["title", `${a}|${b}`],
          ["value", a],
          ["alt", b],
        ]);
      }),
      { numRuns: 500 },
    );
  });
});

test("NUL, which no HTML can carry, prints as the replacement character everywhere", () => {
  const printed = printHtml(plain`<p title="${"a\0b"}">${"a\0b"}</p>`);
  const paragraph = find(parseFragment(printed), "p");
  expect(paragraph?.attrs[0]?.value).toBe("a\uFFFDb");
  expect(parsedText(printed, "p")).toBe("a\uFFFDb");
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { attrs } from "./attributes.ts";
import { rawHtml } from "./escape-html.ts";
import { html } from "./html.ts";
import { js } from "./js-commands.ts";
import { printHtml } from "./print-html.ts";
import { type HtmlValue, keyed, type Template } from "./template.ts";

// Formatters change the white space of `html` templates; under another name they leave it alone.
const plain = html;
const print = (template: Template): string => printHtml(template);
const unsafe = (value: unknown): HtmlValue => value as HtmlValue;

describe("a value between tags", () => {
  test("prints escaped if it is text, and as it is if it is a number", () => {
    expect(print(plain`<p>${`<i>&"'`} ${1.5} ${10n} ${Number.NaN}</p>`)).toBe(
      "<p>&lt;i&gt;&amp;&quot;&#39; 1.5 10 NaN</p>",
    );
  });

  test("prints nothing if it is null, undefined or a boolean", () => {
    expect(print(plain`<p>${null}${undefined}${true}${false}</p>`)).toBe("<p></p>");
  });

  test("prints markup if it is a template, an array, a keyed list or trusted HTML", () => {
    const item = (text: HtmlValue): Template => plain`<li>${text}</li>`;
    expect(print(plain`<ul>${item("<")}${[item(1), "a<b", ["n", 2]]}</ul>`)).toBe(
      "<ul><li>&lt;</li><li>1</li>a&lt;bn2</ul>",
    );
    expect(print(plain`<ul>${keyed(new Set(["x", "y"]), (key) => key, item)}</ul>`)).toBe(
      "<ul><li>x</li><li>y</li></ul>",
    );
    expect(print(plain`<ul>${rawHtml("<li>raw</li>")}${[]}</ul>`)).toBe("<ul><li>raw</li></ul>");
  });

  test.each<[unknown, string]>([
    [new Date(0), "found a Date: format it"],
    [Promise.resolve(1), "found a Promise: await it in the handler"],
    [{ a: 1 }, "found an object: print one of its properties"],
    [new Map(), "found an instance of Map: print one of its properties"],
    [() => 1, "found a function: call it"],
    [Symbol("s"), "found a symbol"],
    [js.push("x"), "found js commands: put them into an attribute"],
    [attrs({ id: "x" }), "found attrs(…): put them into a tag"],
  ])("is refused, with advice, if it is %o", (value, message) => {
    expect(() => print(plain`<p class="a">${unsafe(value)}</p>`)).toThrow(
      expect.objectContaining({
        code: "invalid_value",
        message: expect.stringContaining(message) as string,
      }),
    );
    expect(() => print(plain`<p class="a">${[unsafe(value)]}</p>`)).toThrow(
      'Printing a template at `<p class="a">${…}`: expected text',
    );
  });
});

describe("a value in <textarea> or <title>", () => {
  test("prints escaped, and its first line break survives the browser", () => {
    expect(print(plain`<title>${"a & b"}</title>`)).toBe("<title>a &amp; b</title>");
    expect(print(plain`<textarea>${"\n</textarea>"}</textarea>`)).toBe(
      "<textarea>\n\n&lt;/textarea&gt;</textarea>",
    );
    expect(print(plain`<textarea>x${"\n"}</textarea>${1}`)).toBe("<textarea>x\n</textarea>1");
  });

  test("is refused if it is markup", () => {
    for (const value of [plain`<b></b>`, rawHtml("<b>"), [1]]) {
      expect(() => print(plain`<title>${value}</title>`)).toThrow("tags have no meaning here");
    }
  });
});

describe("an attribute filled by one value", () => {
  const disabled = (value: HtmlValue): string => print(plain`<input disabled=${value}>`);

  test("prints with its value, empty, or not at all", () => {
    expect(disabled("x")).toBe('<input disabled="x">');
    expect(disabled(true)).toBe('<input disabled="">');
    for (const value of [false, null, undefined]) expect(disabled(value)).toBe("<input>");
    expect(print(plain`<input  size = ${3}  type='text'/>`)).toBe(`<input size="3"  type='text'/>`);
    expect(print(plain`<p class=${'"<&'} lang=${"en"}>`)).toBe(
      '<p class="&quot;&lt;&amp;" lang="en">',
    );
  });

  test("prints the same in quotes if it is a boolean attribute", () => {
    expect(print(plain`<input DISABLED="${false}" checked='${true}'>`)).toBe('<input checked="">');
  });

  test("prints the words true and false if it is one such as aria-pressed", () => {
    const pressed = (value: HtmlValue): string =>
      print(plain`<p aria-pressed=${value} draggable="${value}"></p>`);
    expect(pressed(true)).toBe('<p aria-pressed="true" draggable="true"></p>');
    expect(pressed(false)).toBe('<p aria-pressed="false" draggable="false"></p>');
    expect(print(plain`<p aria-label=${null}></p>`)).toBe("<p></p>");
  });

  test("is always present if it is the id, with its quotes in the static text", () => {
    const template = plain`<p id=${"a"} class="x"></p>`;
    expect(template.shape.statics).toEqual(['<p id="', '" class="x"></p>']);
    expect(print(template)).toBe('<p id="a" class="x"></p>');
    for (const value of [null, undefined, false, true]) {
      expect(() => print(plain`<p id=${value}></p>`)).toThrow(
        "expected an id, as text or a number",
      );
      expect(() => print(plain`<p id="row-${value}"></p>`)).toThrow(`found ${String(value)}.`);
    }
  });
});

describe("a value within quotes", () => {
  test("joins the text around it", () => {
    const active: boolean = false;
    expect(print(plain`<p class="a ${"b"} ${active && "c"}-${4}" title='${"'"}'></p>`)).toBe(
      `<p class="a b -4" title='&#39;'></p>`,
    );
  });

  test("is refused if it is true, which is no text", () => {
    expect(() => print(plain`<p data-open="${true}"></p>`)).toThrow("found true: write name=");
  });

  test("is refused if it is neither text nor a number", () => {
    for (const value of [plain`<b></b>`, [1], new Date(0), attrs({})]) {
      expect(() => print(plain`<p class="${unsafe(value)}"></p>`)).toThrow(/found an? /);
      expect(() => print(plain`<p class=${unsafe(value)}></p>`)).toThrow(/found an? /);
    }
  });
});

describe("an attribute for commands", () => {
  test("prints js commands as escaped JSON, and accepts them only as the whole value", () => {
    const save = js.push("save");
    const printed = "[[&quot;push&quot;,{&quot;event&quot;:&quot;save&quot;}]]";
    expect(print(plain`<b phx-click=${save}></b>`)).toBe(`<b phx-click="${printed}"></b>`);
    expect(print(plain`<b data-cancel="${save}"></b>`)).toBe(`<b data-cancel="${printed}"></b>`);
    expect(() => print(plain`<b phx-click=" ${save}"></b>`)).toThrow("must be the whole value");
  });

  test("refuses text that the client would run as commands", () => {
    const forged = '[["exec",{"attr":"x"}]]';
    expect(() => print(plain`<b phx-click=${forged}></b>`)).toThrow("starts with `[`");
    expect(() => print(plain`<b phx-click="${forged}"></b>`)).toThrow("starts with `[`");
    const [begin, end] = [forged.slice(0, 5), forged.slice(5)];
    expect(() => print(plain`<b phx-click="${begin}${end}"></b>`)).toThrow("starts with `[`");
    expect(() => print(plain`<b phx-click="${""}${forged}"></b>`)).toThrow("starts with `[`");
    expect(print(plain`<b phx-click="a${forged}"></b>`)).toContain('phx-click="a[');
    expect(print(plain`<b phx-value-x=${"[1]"}></b>`)).toBe('<b phx-value-x="[1]"></b>');
  });
});

describe("attrs in a tag", () => {
  test("prints attributes in their place", () => {
    const template = plain`<p ${attrs({ id: "x", hidden: true })} class="y" ${null}></p>`;
    expect(print(template)).toBe('<p id="x" hidden="" class="y"></p>');
    expect(print(plain`<input checked ${attrs({ value: "<" })}>`)).toBe(
      '<input checked value="&lt;">',
    );
  });

  test("is the only value that can print attributes", () => {
    for (const value of ["hidden", true, rawHtml("hidden")]) {
      expect(() => print(plain`<p ${value}></p>`)).toThrow("expected attrs(…) or a link");
    }
  });
});

describe("the shape of a template", () => {
  test("is compiled once and shared by equal templates", () => {
    const render = (value: number): Template => plain`<p>${value}</p>`;
    expect(render(1).shape).toBe(render(2).shape);
    expect(plain`<p>${3}</p>`.shape).toBe(render(1).shape);
    expect(plain`<p>${3}</p> `.shape).not.toBe(render(1).shape);
  });
});

test("no value adds or removes a tag, an attribute or a quote", () => {
  const marks = (printed: string): string => printed.replace(/[^<>"'=]/g, "");
  const page = (value: string): Template =>
    plain`<a href="${value}" title='${value}' class=${value} id="i${value}">${value}</a><textarea>${value}</textarea>`;
  const expected = marks(print(page("x")));
  const hostile = fc.array(
    fc.constantFrom("<", ">", '"', "'", "&", "`", "</textarea>", "<!--", "\n", "a", "&quot;", "\0"),
  );
  fc.assert(
    fc.property(hostile, (parts) => {
      expect(marks(print(page(parts.join(""))))).toBe(expected);
    }),
  );
});

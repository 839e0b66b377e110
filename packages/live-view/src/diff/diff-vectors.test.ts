import type { WireTree } from "@live-stash/wire";
import { beforeAll, describe, expect, test } from "vitest";
import {
  type DiffVector,
  loadOfficialRendered,
  type OfficialRenderedClass,
  readVector,
} from "../../../wire/test/official-rendered.ts";
import { ShownDocument } from "../../../wire/test/shown-document.ts";
import { html } from "../template/html.ts";
import { printHtml } from "../template/print-html.ts";
import { type HtmlValue, keyed, type Template } from "../template/template.ts";
import { diffTemplates } from "./diff.ts";

// Formatters change the white space of `html` templates; under another name they leave it alone.
const plain = html;

type Pair = readonly [string, string];

const pairs = (text: string): Pair[] =>
  text === "" ? [] : text.split(" ").map((word) => word.split("=") as [string, string]);

const ul = (content: HtmlValue): Template => plain`<ul>${content}</ul>`;
const div = (content: HtmlValue): Template => plain`<div>${content}</div>`;
const li = (value: string): Template => plain`<li>${value}</li>`;
const p = (value: string): Template => plain`<p>${value}</p>`;
const b = (value: string): Template => plain`<b>${value}</b>`;
const spanned = (value: string): Template => plain`<span>${value}</span>`;
const counted = (count: number): Template => plain`<h1>${"Title"}</h1><p>count: ${count}</p>`;
const withIds = (text: string): Template =>
  ul(
    keyed(
      pairs(text),
      ([id]) => id,
      ([id, value]) => plain`<li id="${id}">${value}</li>`,
    ),
  );
const items = (text: string): Template =>
  plain`<ul id="items" phx-update="stream">${keyed(
    pairs(text),
    ([id]) => id,
    ([id, value]) => plain`<li id="${id}">${value.replace("_", " ")}</li>`,
  )}</ul>`;
const nestedItems = (text: string): Template =>
  plain`<ul id="items" phx-update="stream">${keyed(
    pairs(text),
    ([id]) => id,
    ([id, value]) => plain`<li id="${id}">${b(value)}</li>`,
  )}</ul>`;
const nestedRow = (label: Template, count: number): Template => plain`<li>${label}${count}</li>`;
const threeItems = (one: Template, two: Template, three: Template): Template =>
  plain`<ul>${one}${two}${three}</ul>`;
const section = (outer: string, inner: string, em: string): Template =>
  plain`<section>${plain`<div class="${outer}">${spanned(inner)}</div>`}<em>${em}</em></section>`;
const main = (two: string): Template =>
  plain`<main>${plain`<h2 id="${"t"}">${"one"}</h2>`}${p(two)}</main>`;
const both = (one: Template, two: Template): Template => plain`<div>${one}${two}</div>`;
const roots = (letters: string): Template =>
  ul(
    keyed(
      letters.split(""),
      (letter) => letter.toLowerCase(),
      (letter) => plain`${li(letter)}`,
    ),
  );

/** The state after each step of a vector, as a template. Components and streams are plain HTML. */
const states: Readonly<Record<string, readonly Template[]>> = {
  "diff-first-render": [plain`<p class="${"a"}">${"Hello"}</p><span>${0}</span>`],
  "diff-change-one-dynamic": [counted(0), counted(1), counted(1)],
  "diff-conditional": [
    div(false),
    div(b("shown")),
    div(b("still shown")),
    div(plain`<i>${"x"}${"y"}</i>`),
    div(null),
  ],
  "diff-templates": [
    threeItems(li("a"), li("b"), li("c")),
    threeItems(li("a"), plain`<li class="x">${"B"}</li>`, li("c")),
    threeItems(li("a"), plain`<li class="x">${"B"}</li>`, li("C")),
  ],
  "diff-nested-root-flag": [main("two"), main("TWO")],
  "diff-keyed-list": [
    "a=A b=B",
    "a=A b=B c=C",
    "a=A b=B2 c=C",
    "z=Z a=A b=B2 c=C",
    "z=Z b=B2 c=C",
    "c=C! b=B2 z=Z",
    "c=C! b=B2",
    "",
    "q=Q",
  ].map(withIds),
  "diff-keyed-from-empty": [[], ["1", "2"], ["2"]].map((values) => ul(values.map(li))),
  "diff-keyed-nested": [
    [nestedRow(b("x"), 1), nestedRow(b("y"), 2)],
    [nestedRow(b("x"), 1), nestedRow(b("y"), 2), nestedRow(b("z"), 3)],
    [nestedRow(b("X"), 1), nestedRow(b("y"), 2), nestedRow(b("z"), 3)],
    [
      nestedRow(b("X"), 1),
      nestedRow(b("y"), 2),
      nestedRow(b("z"), 3),
      nestedRow(plain`<i>${"w"}</i>`, 4),
    ],
  ].map((rows) => ul(rows)),
  "diff-keyed-roots": ["abc", "cab", "cAb", "ncAb"].map(roots),
  "diff-component": [
    both(p("one"), p("two")),
    both(p("one"), p("TWO")),
    both(p("three"), p("TWO")),
  ],
  "diff-component-nested": [
    section("outer", "inner", "e0"),
    section("outer", "inner", "e1"),
    section("outer", "INNER", "e1"),
    section("OUTER", "INNER", "e1"),
  ],
  "diff-component-in-list": ["ab", "ba", "bc"].map((letters) =>
    div(keyed(letters.split(""), (letter) => letter, p)),
  ),
  "diff-component-comprehension": ["xy", "xyz"].map((letters) =>
    div(ul(letters.split("").map((letter) => plain`<li>${b(letter)}</li>`))),
  ),
  "diff-component-revive": [div(p("one")), div(""), div(p("again"))],
  "diff-root-change": [plain`<p>${b("x")}</p>`, plain`<q>${b("y")}</q>`],
  "diff-stream": [
    "i-1=one i-2=two",
    "i-1=one i-2=two i-3=three",
    "i-0=zero i-1=one i-2=two i-3=three",
    "i-0=zero i-1=one i-2=TWO i-3=three",
    "i-0=zero i-2=TWO i-3=three",
    "i-9=nine i-2=TWO i-3=three",
    "i-7=seven i-2=two_again",
    "",
  ].map(items),
  "diff-stream-nested": ["i-1=one", "i-1=one i-2=two"].map(nestedItems),
  "diff-title-events-reply": [p("x"), p("y"), p("y")],
};

/** Vectors whose diffs ours equal but for `r`, beyond leading to the same document. */
const IDENTICAL = [
  "diff-first-render",
  "diff-change-one-dynamic",
  "diff-conditional",
  "diff-keyed-from-empty",
];

/** Leaves out `r`, which these vectors do without. */
const withoutFlags = (diff: WireTree): unknown =>
  JSON.parse(JSON.stringify(diff, (name, value: unknown) => (name === "r" ? undefined : value)));

let Rendered: OfficialRenderedClass;
beforeAll(async () => {
  Rendered = await loadOfficialRendered();
});

describe.each(Object.entries(states))("the vector %s", (name, templates) => {
  const { steps }: DiffVector = readVector(name);

  test("and our diffs lead the official client to the same document", () => {
    expect(templates).toHaveLength(steps.length);
    let previous: Template | undefined;
    let rendered: InstanceType<OfficialRenderedClass> | undefined;
    const browser = new ShownDocument();
    steps.forEach((step, index) => {
      const next = templates[index] ?? plain``;
      const diff = JSON.parse(JSON.stringify(diffTemplates(previous, next) ?? {})) as WireTree;
      if (IDENTICAL.includes(name)) expect(withoutFlags(diff)).toEqual(step.diff);
      if (rendered === undefined) rendered = new Rendered("phx-1", diff);
      else rendered.mergeDiff(diff);
      expect(browser.show(rendered.toString().buffer)).toBe(step.dom_html);
      expect(printHtml(next)).toBe(step.dom_html);
      previous = next;
    });
  });
});

test("our moves and changes of a keyed list equal those of the vector", () => {
  const { steps }: DiffVector = readVector("diff-keyed-list");
  const templates = states["diff-keyed-list"] ?? [];
  // An emptied list is sent as text here, so that filling it again needs its statics.
  steps.slice(1, 7).forEach(({ diff }, index) => {
    expect(diffTemplates(templates[index], templates[index + 1] ?? plain``)).toEqual(diff);
  });
});

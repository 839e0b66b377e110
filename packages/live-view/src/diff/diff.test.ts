import { expect, test } from "vitest";
import { attrs } from "../template/attributes.ts";
import { html } from "../template/html.ts";
import { js } from "../template/js-commands.ts";
import { type HtmlValue, keyed, type Template } from "../template/template.ts";
import { diffTemplates } from "./diff.ts";

// Formatters change the white space of `html` templates; under another name they leave it alone.
const plain = html;

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const cell = (value: HtmlValue): Template => plain`<td class="cell">${value}</td>`;
const table = (values: readonly HtmlValue[]): Template =>
  plain`<table>${values.map((value) => plain`<tr>${cell(value)}</tr>`)}</table>`;

test("one change among 500 dynamics sends one entry and no static text", () => {
  const before = table(numbers(500));
  diffTemplates(undefined, before);
  const after = table(numbers(500).map((value) => (value === 321 ? "new" : value)));
  expect(diffTemplates(before, after)).toEqual({
    0: { k: { 321: { 0: { 0: "new" } }, kc: 500 } },
  });
});

test("a full tree contains each static text once", () => {
  const text = JSON.stringify(diffTemplates(undefined, table(numbers(500))));
  for (const part of ["<table>", "<tr>", "cell"]) expect(text.split(part)).toHaveLength(2);
});

test("a render in which nothing changed has no diff", () => {
  const render = (): Template =>
    plain`<p class=${["a", "b"].join(" ")} ${attrs({ id: "x", "phx-click": js.push("save") })}>${[1, "two", cell(3)]} ${keyed([1, 2], String, (n) => cell(n))} ${null} ${Number.NaN}</p>`;
  expect(diffTemplates(render(), render())).toBeUndefined();
  const same = render();
  expect(diffTemplates(same, same)).toBeUndefined();
});

test("values that print the same are no change", () => {
  const render = (value: HtmlValue): Template => plain`<p title="${value}">${value}</p>`;
  expect(diffTemplates(render(1), render("1"))).toBeUndefined();
  expect(diffTemplates(render(null), render(false))).toBeUndefined();
});

test("a different outermost template is sent in full", () => {
  expect(diffTemplates(plain`<p>${1}</p>`, plain`<b>${1}</b>`)).toEqual({
    s: ["<b>", "</b>"],
    0: "1",
  });
});

test("an array changed in place has a diff", () => {
  const names = ["a", "b"];
  const render = (): Template => plain`<p>${names}</p>`;
  const before = render();
  diffTemplates(undefined, before);
  names.push("c");
  names[0] = "A";
  expect(diffTemplates(before, render())).toEqual({
    0: { k: { 0: { 0: "A" }, 2: { 0: "c" }, kc: 3 } },
  });
});

test("a template too short to share is written out in its place", () => {
  const row = (value: number): Template => plain`${value},`;
  expect(diffTemplates(undefined, plain`<p>${row(1)}${row(2)}</p>`)).toEqual({
    s: ["<p>", "", "</p>"],
    0: { s: ["", ","], 0: "1" },
    1: { s: ["", ","], 0: "2" },
  });
});

test("of two templates, only the one that becomes shorter is shared", () => {
  const row = (value: number): Template => plain`${value}`;
  const rows = [row(1), cell(2), row(3), cell(4)];
  expect(diffTemplates(undefined, plain`${rows}`)).toEqual({
    s: ["", ""],
    p: { 0: ['<td class="cell">', "</td>"] },
    0: {
      s: ["", ""],
      k: {
        0: { 0: { s: ["", ""], 0: "1" } },
        1: { 0: { s: 0, r: 1, 0: "2" } },
        2: { 0: { s: ["", ""], 0: "3" } },
        3: { 0: { s: 0, r: 1, 0: "4" } },
        kc: 4,
      },
    },
  });
});

test("shared statics stand at the root of each diff, numbered from 0", () => {
  const page = (values: readonly number[]): Template =>
    plain`<main>${values.map((value) => plain`<div>${value === 0 ? "" : cell(value)}</div>`)}</main>`;
  const before = page([0, 0, 0]);
  diffTemplates(undefined, before);
  expect(diffTemplates(before, page([1, 0, 3]))).toEqual({
    p: { 0: ['<td class="cell">', "</td>"] },
    0: { k: { 0: { 0: { s: 0, r: 1, 0: "1" } }, 2: { 0: { s: 0, r: 1, 0: "3" } }, kc: 3 } },
  });
});

const list = (text: string): Template =>
  plain`<ul>${keyed(
    text.split(" ").filter((word) => word !== ""),
    (word) => word.charAt(0),
    (word) => plain`<li>${word.slice(1)}</li>`,
  )}</ul>`;

const listDiff = (before: string, after: string): unknown => {
  const previous = list(before);
  diffTemplates(undefined, previous);
  return diffTemplates(previous, list(after));
};

test("one diff contains moved, changed, new and removed entries", () => {
  expect(listDiff("a1 b1 c1 d1", "d1 x1 b1 a2")).toEqual({
    0: { k: { 0: 3, 1: { 0: "1" }, 2: 1, 3: [0, { 0: "2" }], km: true, kc: 4 } },
  });
});

test("a new key in place of another is sent in full and moves nothing", () => {
  expect(listDiff("a1 b1", "a1 x1")).toEqual({ 0: { k: { 1: { 0: "1" }, kc: 2 } } });
});

test("an emptied list is sent as empty text, and a refilled one with its statics", () => {
  expect(listDiff("a1", "")).toEqual({ 0: "" });
  expect(listDiff("", "a1")).toEqual({ 0: { s: ["<li>", "</li>"], k: { 0: { 0: "1" }, kc: 1 } } });
});

test("keys of different types are different keys", () => {
  const render = (keys: readonly (string | number)[]): Template =>
    plain`<p>${keyed(
      keys,
      (key) => key,
      (key) => plain`<b>${typeof key}</b>`,
    )}</p>`;
  expect(diffTemplates(render([1, "1"]), render(["1", 1]))).toEqual({
    0: { k: { 0: 1, 1: 0, km: true, kc: 2 } },
  });
});

test.each([
  ["in the first render", "", "a1 b1 a2"],
  ["behind entries that stayed", "a1 b1", "a1 b1 a2"],
  ["among entries that moved", "a1 b1 c1", "b1 b2 c1"],
  ["with one previous position", "a1 b1 c1", "c1 c2 a1"],
  ["around an entry that stayed", "a1 b1 c1", "c1 b1 c2"],
])("a key that occurs twice %s is named in the error", (_where, before, after) => {
  expect(() => listDiff(before, after)).toThrow(
    expect.objectContaining({
      code: "duplicate_key",
      message: expect.stringMatching(
        /at `<ul>\$\{…\}`: .*found "[abc]" twice\. Let keyOf/,
      ) as string,
    }),
  );
});

test("a list that gets keys is sent in full", () => {
  const render = (content: HtmlValue): Template => plain`<p>${content}</p>`;
  const before = render([cell(1)]);
  diffTemplates(undefined, before);
  expect(diffTemplates(before, render(keyed([1], (key) => key, cell)))).toEqual({
    0: { s: ['<td class="cell">', "</td>"], k: { 0: { 0: "1" }, kc: 1 } },
  });
});

test("a list whose entries become of several shapes is sent in full", () => {
  const render = (values: readonly HtmlValue[]): Template => plain`<p>${values}</p>`;
  const before = render([cell(1), cell(2)]);
  diffTemplates(undefined, before);
  expect(diffTemplates(before, render([cell(1), "text"]))).toEqual({
    0: {
      s: ["", ""],
      k: { 0: { 0: { s: ['<td class="cell">', "</td>"], r: 1, 0: "1" } }, 1: { 0: "text" }, kc: 2 },
    },
  });
});

test("each node that is one element carries `r`, but for the outermost one", () => {
  const page = (isOpen: boolean, value: HtmlValue): Template =>
    plain`<main>${isOpen && plain`<section>${cell(value)}</section>`}</main>`;
  const section = { s: ["<section>", "</section>"], r: 1 };
  expect(diffTemplates(undefined, page(true, 1))).toEqual({
    s: ["<main>", "</main>"],
    0: { ...section, 0: { s: ['<td class="cell">', "</td>"], r: 1, 0: "1" } },
  });
  expect(diffTemplates(page(false, 1), page(true, "2"))).toEqual({
    0: { ...section, 0: { s: ['<td class="cell">', "</td>"], r: 1, 0: "2" } },
  });
  expect(diffTemplates(page(true, 1), page(true, "2"))).toEqual({ 0: { 0: { 0: "2" } } });
});

test("neither a list nor its entries carry `r`, because the client knows it of nodes only", () => {
  expect(diffTemplates(undefined, plain`<ul>${["a", "b"].map((name) => cell(name))}</ul>`)).toEqual(
    {
      s: ["<ul>", "</ul>"],
      0: { s: ['<td class="cell">', "</td>"], k: { 0: { 0: "a" }, 1: { 0: "b" }, kc: 2 } },
    },
  );
});

test("a node of two elements and a node that starts with a value carry no `r`", () => {
  const page = (value: string): Template =>
    plain`<main>${plain`<b>${value}</b><i></i>`}${plain`${value}<b></b>`}</main>`;
  expect(diffTemplates(undefined, page("1"))).toEqual({
    s: ["<main>", "", "</main>"],
    0: { s: ["<b>", "</b><i></i>"], 0: "1" },
    1: { s: ["", "<b></b>"], 0: "1" },
  });
});

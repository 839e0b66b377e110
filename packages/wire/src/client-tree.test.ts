import { expect, test } from "vitest";
import { createClientTree } from "./client-tree.ts";
import type { WireTree } from "./tree.ts";

const stream = (
  entries: readonly string[],
  operations: readonly unknown[],
  statics?: readonly string[],
): WireTree =>
  ({
    ...(statics === undefined ? {} : { s: ["<ul>", "</ul>"] }),
    0: {
      ...(statics === undefined ? {} : { s: statics }),
      k: {
        ...Object.fromEntries(entries.map((id, at) => [at, { 0: id, 1: id.toUpperCase() }])),
        kc: entries.length,
      },
      stream: ["0", ...operations],
    },
  }) as unknown as WireTree;

const ITEM = ['<li id="', '">', "</li>"];
const ids = (html: string): string[] => [...html.matchAll(/id="(\w+)"/g)].map(([, id]) => id ?? "");
const insert = (
  id: string,
  at = -1,
  limit: number | null = null,
  updateOnly: true | null = null,
) => [id, at, limit, updateOnly];

test("a diff that does not fit leaves the tree as it was", () => {
  const tree = createClientTree({ s: ["<p>", "</p>"], 0: "one" });
  expect(() => tree.merge({ 0: { 0: "two" } })).toThrow("expected a node with `s`");
  expect(tree.toHtml()).toBe("<p>one</p>");
  tree.merge({ 0: "two" });
  expect(tree.toHtml()).toBe("<p>two</p>");
});

test("merging does not change the diff", () => {
  const join = { s: ["<p>", "</p>"], 0: { s: 0, k: { 0: { 0: "a" }, kc: 1 } }, p: { 0: ["", ""] } };
  const before = JSON.stringify(join);
  createClientTree(join).merge({ 0: { k: { 0: { 0: "b" }, kc: 1 } } });
  expect(JSON.stringify(join)).toBe(before);
});

test("a node keeps its `r` when a diff changes it, and must then still start with an element", () => {
  const tree = createClientTree({
    s: ["<main>", "</main>"],
    0: { s: ["", "</b>"], r: 1, 0: "<!-- a --> <b>one" },
  });
  tree.merge({ 0: { 0: "<b>two" } });
  expect(tree.toHtml()).toBe("<main><b>two</b></main>");
  tree.merge({ 0: { 0: "text <b>" } });
  expect(() => tree.toHtml()).toThrow("expected an element where a node has `r`");
  tree.merge({ 0: { s: ["", ""], 0: "text" } });
  expect(tree.toHtml()).toBe("<main>text</main>");
});

test("an `r` at the top level is a hook's reply, and not about the outermost node", () => {
  const tree = createClientTree({ s: ["text ", ""], r: 1, 0: "one" });
  expect(tree.joinEffects.reply).toBe(1);
  expect(tree.merge({ r: 1, 0: "two" }).reply).toBe(1);
  expect(tree.toHtml()).toBe("text two");
});

test("a component that borrows the statics of another borrows its `r`", () => {
  const tree = createClientTree({
    s: ["", "", ""],
    0: 1,
    1: 2,
    c: { 1: { s: ["", ""], r: 1, 0: "<b></b>" }, 2: { s: 1, 0: "<i></i>" } },
  });
  expect(tree.toHtml()).toBe("<b></b><i></i>");
  tree.merge({ c: { 2: { 0: "text" } } });
  expect(() => tree.toHtml()).toThrow("expected an element where a node has `r`");
});

test("a stream appends, prepends and inserts items, and keeps its limit", () => {
  const tree = createClientTree(stream(["a", "b"], [[insert("b"), insert("a")], []], ITEM));
  tree.merge(stream(["c"], [[insert("c")], []]));
  tree.merge(stream(["z"], [[insert("z", 0)], []]));
  tree.merge(stream(["m"], [[insert("m", 2)], []]));
  expect(ids(tree.toHtml())).toEqual(["z", "a", "m", "b", "c"]);
  tree.merge(stream(["y"], [[insert("y", 0, 3)], []]));
  expect(ids(tree.toHtml())).toEqual(["y", "z", "a"]);
  tree.merge(stream(["d"], [[insert("d", -1, -2)], []]));
  expect(ids(tree.toHtml())).toEqual(["a", "d"]);
});

test("a stream moves an item only if it is deleted and inserted, and ignores unknown updates", () => {
  const tree = createClientTree(stream(["a", "b", "c"], [[], []], ITEM));
  tree.merge(stream(["a"], [[insert("a")], []]));
  expect(ids(tree.toHtml())).toEqual(["a", "b", "c"]);
  tree.merge(stream(["a"], [[insert("a")], ["a"]]));
  expect(ids(tree.toHtml())).toEqual(["b", "c", "a"]);
  tree.merge(stream(["x", "b"], [[insert("x", -1, null, true), insert("b", -1, null, true)], []]));
  expect(ids(tree.toHtml())).toEqual(["b", "c", "a"]);
  tree.merge(stream(["b"], [[insert("b", 0, null, true)], [], true]));
  expect(ids(tree.toHtml())).toEqual(["b"]);
});

test("a stream's items show the current state of their components", () => {
  const tree = createClientTree({
    s: ["<ul>", "</ul>"],
    0: {
      s: ["", ""],
      k: { 0: { 0: 1 }, kc: 1 },
      stream: ["0", [["i", -1, null, null]], []],
    },
    c: { 1: { s: ['<li class="x" id="i">', "</li>"], r: 1, 0: "one" } },
  });
  tree.merge({ c: { 1: { 0: "two" } } });
  expect(tree.toHtml()).toBe('<ul><li class="x" id="i">two</li></ul>');
});

test("dropped components are removed, and can be added again in full", () => {
  const component = { s: ["<p>", "</p>"], r: 1 as const, 0: "x" };
  const tree = createClientTree({ s: ["<div>", "</div>"], 0: 1, c: { 1: component } });
  tree.merge({ 0: "" });
  tree.dropComponents([1]);
  tree.merge({ 0: 1 });
  expect(() => tree.toHtml()).toThrow("component 1");
  tree.merge({ 0: 1, c: { 1: { ...component, 0: "y" } } });
  expect(tree.toHtml()).toBe("<div><p>y</p></div>");
});

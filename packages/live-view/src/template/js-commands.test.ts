import { expect, test } from "vitest";
import { js, type JsCommands } from "./js-commands.ts";

const json = (commands: JsCommands): unknown => JSON.parse(commands.toString());
const transition = ["fade fast", "from", ["to"]] as const;
const lists = [["fade", "fast"], ["from"], ["to"]];

test.each<[string, JsCommands, unknown]>([
  ["push", js.push("save"), ["push", { event: "save" }]],
  [
    "push with options",
    js.push("save", { target: 3, value: { a: [1] }, loading: "#x", pageLoading: true }),
    ["push", { event: "save", target: 3, value: { a: [1] }, loading: "#x", page_loading: true }],
  ],
  ["push to a selector", js.push("e", { target: "#f" }), ["push", { event: "e", target: "#f" }]],
  [
    "dispatch",
    js.dispatch("my:event", { to: "#x", detail: { n: 1 }, bubbles: false, blocking: true }),
    ["dispatch", { event: "my:event", to: "#x", detail: { n: 1 }, bubbles: false, blocking: true }],
  ],
  ["show", js.show(), ["show", {}]],
  [
    "show with options",
    js.show({ to: { inner: ".m" }, display: "flex", transition, timeMs: 300, blocking: false }),
    [
      "show",
      { to: { inner: ".m" }, display: "flex", transition: lists, time: 300, blocking: false },
    ],
  ],
  [
    "hide",
    js.hide({ to: { closest: "dialog" }, transition: "fade-out  fast", timeMs: 100 }),
    ["hide", { to: { closest: "dialog" }, transition: [["fade-out", "fast"], [], []], time: 100 }],
  ],
  [
    "toggle",
    js.toggle({ to: "#m", in: transition, out: "out", display: "grid", timeMs: 1 }),
    ["toggle", { to: "#m", ins: lists, outs: [["out"], [], []], display: "grid", time: 1 }],
  ],
  ["add_class", js.addClass("a  b"), ["add_class", { names: ["a", "b"] }]],
  [
    "remove_class",
    js.removeClass(["a", "b"], { to: "#x", transition, timeMs: 5 }),
    ["remove_class", { names: ["a", "b"], to: "#x", transition: lists, time: 5 }],
  ],
  ["toggle_class", js.toggleClass("a"), ["toggle_class", { names: ["a"] }]],
  [
    "transition",
    js.transition("shake", { to: "#x", timeMs: 9 }),
    ["transition", { transition: [["shake"], [], []], to: "#x", time: 9 }],
  ],
  [
    "set_attr",
    js.setAttribute("aria-expanded", "true", { to: "#x" }),
    ["set_attr", { attr: ["aria-expanded", "true"], to: "#x" }],
  ],
  ["remove_attr", js.removeAttribute("open"), ["remove_attr", { attr: "open" }]],
  ["toggle_attr", js.toggleAttribute("open", ""), ["toggle_attr", { attr: ["open", ""] }]],
  [
    "toggle_attr of two values",
    js.toggleAttribute("aria-expanded", "true", { off: "false", to: "#x" }),
    ["toggle_attr", { attr: ["aria-expanded", "true", "false"], to: "#x" }],
  ],
  [
    "ignore_attrs",
    js.ignoreAttributes(["open", "data-*"], { to: "#x" }),
    ["ignore_attrs", { attrs: ["open", "data-*"], to: "#x" }],
  ],
  ["ignore_attrs of one", js.ignoreAttributes("open"), ["ignore_attrs", { attrs: ["open"] }]],
  ["focus", js.focus({ to: "#x" }), ["focus", { to: "#x" }]],
  ["focus_first", js.focusFirst(), ["focus_first", {}]],
  ["push_focus", js.pushFocus({ to: "#x" }), ["push_focus", { to: "#x" }]],
  ["pop_focus", js.popFocus(), ["pop_focus", {}]],
  ["navigate", js.navigate("/a"), ["navigate", { href: "/a" }]],
  ["patch", js.patch("/a", { replace: true }), ["patch", { href: "/a", replace: true }]],
  ["exec", js.exec("data-cancel", { to: "#x" }), ["exec", { attr: "data-cancel", to: "#x" }]],
])("the command %s has the form that the client expects", (_name, commands, expected) => {
  expect(json(commands)).toEqual([expected]);
});

test("a method returns a longer list and leaves its own list unchanged", () => {
  const push = js.push("save");
  const both = push.hide({ to: "#m" });
  expect(json(both)).toEqual([
    ["push", { event: "save" }],
    ["hide", { to: "#m" }],
  ]);
  expect(json(push)).toEqual([["push", { event: "save" }]]);
  expect(json(js)).toEqual([]);
  expect(both.toString()).toMatch(/^\[\[/);
  expect(JSON.parse(JSON.stringify({ commands: both }))).toEqual({ commands: json(both) });
});

test("commands set no attribute and open no URL that runs as a script", () => {
  const href = "java\nscript:alert(1)";
  const blocked = "about:blank#blocked";
  expect(json(js.navigate(href).patch(href))).toEqual([
    ["navigate", { href: blocked }],
    ["patch", { href: blocked }],
  ]);
  expect(json(js.setAttribute("HREF", href).toggleAttribute("src", "/a", { off: href }))).toEqual([
    ["set_attr", { attr: ["HREF", blocked] }],
    ["toggle_attr", { attr: ["src", "/a", blocked] }],
  ]);
  for (const name of ["onclick", "srcdoc", "a b"]) {
    expect(() => js.setAttribute(name, "x")).toThrow(
      expect.objectContaining({ code: "invalid_value" }),
    );
    expect(() => js.toggleAttribute(name, "x")).toThrow("js command toggleAttribute");
  }
});

test.each<[string, () => JsCommands, string]>([
  ["push", () => js.push("add", { value: { id: 5n } }), 'js.push("add"): expected values'],
  ["push", () => js.push("add", { value: { id: 5n } }), "a bigint"],
  ["push", () => js.hide().push("add", { value: { at: [new Map()] } }), "`value.at[0]`"],
  ["dispatch", () => js.dispatch("x", { detail: { n: Number.NaN } }), "`detail.n`"],
  [
    "a time",
    () => js.show({ timeMs: Number.POSITIVE_INFINITY }),
    "found Infinity, which JSON makes null: send null or text, at `timeMs`",
  ],
])("js refuses values of %s that JSON cannot carry", (_, build, message) => {
  expect(build).toThrow(
    expect.objectContaining({
      code: "invalid_value",
      message: expect.stringContaining(message) as string,
    }),
  );
});

import { expect, test } from "vitest";
import { attrs, classes, navigateLink, patchLink } from "./attributes.ts";
import { js } from "./js-commands.ts";

test("attrs prints attributes in order and leaves out those that are off", () => {
  expect(
    attrs({ id: 7, class: 'a"b', hidden: false, open: true, title: null, "aria-busy": false }).html,
  ).toBe(' id="7" class="a&quot;b" open="" aria-busy="false"');
  expect(attrs({}).html).toBe("");
});

test("attrs blocks URLs and refuses commands as in any attribute", () => {
  expect(attrs({ HREF: "javascript:1" }).html).toBe(' href="about:blank#blocked"');
  expect(attrs({ "phx-click": js.focus() }).html).toBe(' phx-click="[[&quot;focus&quot;,{}]]"');
  expect(() => attrs({ "phx-click": "[]" })).toThrow("attrs({ phx-click })");
});

test.each(["onclick", "OnLoad", "srcdoc", "a b", 'a"', "a=b", "", "a>b", "1a"])(
  "attrs refuses the attribute name %j",
  (name) => {
    expect(() => attrs({ [name]: "x" })).toThrow(
      expect.objectContaining({ code: "invalid_value" }),
    );
  },
);

test("a live link has the attributes by which the client navigates, and no script URL", () => {
  expect(patchLink("/?a=1&b").html).toBe(
    ' href="/?a=1&amp;b" data-phx-link="patch" data-phx-link-state="push"',
  );
  expect(navigateLink("/x", { replace: true }).html).toBe(
    ' href="/x" data-phx-link="redirect" data-phx-link-state="replace"',
  );
  expect(navigateLink("javascript:1").html).toContain('href="about:blank#blocked"');
});

test("classes joins the class names that are on", () => {
  expect(classes("a", false, null, undefined, "", ["b", { c: true, d: false }], { e: null })).toBe(
    "a b c",
  );
  expect(classes()).toBe("");
});

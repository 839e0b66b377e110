import { describe, expect, test } from "vitest";
import { decodeForm, MAX_FORM_DEPTH, MAX_FORM_FIELDS } from "./form.ts";

/** Forms are built without prototypes; comparing their JSON looks at the data alone. */
const decoded = (encoded: string): unknown => JSON.parse(JSON.stringify(decodeForm(encoded)));

describe("decodeForm", () => {
  test.each([
    ["a=1&b=two+words", { a: "1", b: "two words" }],
    ["a=1&a=2", { a: "2" }],
    ["user%5Bname%5D=J&user%5Bemail%5D=", { user: { name: "J", email: "" } }],
    ["tags%5B%5D=x&tags%5B%5D=y", { tags: ["x", "y"] }],
    [
      "items[0][id]=1&items[0][n]=a&items[1][id]=2",
      { items: { 0: { id: "1", n: "a" }, 1: { id: "2" } } },
    ],
    ["rows[][id]=1&rows[][id]=2", { rows: [{ id: "1" }, { id: "2" }] }],
    ["a[b=1", { "a[b": "1" }],
    ["a[b]c=1", { "a[b]c": "1" }],
    ["a=1&a[b]=2", { a: { b: "2" } }],
    ["=1&&b=2", { b: "2" }],
    ["", {}],
  ])("%s", (encoded, expected) => {
    expect(decoded(encoded)).toEqual(expected);
  });

  test("names that reach prototypes elsewhere are plain keys here", () => {
    const form = decodeForm("__proto__[polluted]=1&constructor[prototype][polluted]=1");
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(form)).toBeNull();
    expect(Object.keys(form)).toEqual(["__proto__", "constructor"]);
  });

  test("a form with too many fields or too deep a name costs bounded work", () => {
    const many = Array.from({ length: MAX_FORM_FIELDS + 50 }, (_, index) => `f${index}=1`).join(
      "&",
    );
    expect(Object.keys(decodeForm(many))).toHaveLength(MAX_FORM_FIELDS);
    expect(decoded(`a${"[b]".repeat(MAX_FORM_DEPTH)}=1&c=2`)).toEqual({ c: "2" });
  });
});

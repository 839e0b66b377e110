import { describe, expect, test } from "vitest";
import { decodeForm, MAX_FORM_CONTAINERS, MAX_FORM_DEPTH, MAX_FORM_FIELDS } from "./form.ts";

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

  test("names such as __proto__ are plain keys", () => {
    const form = decodeForm("__proto__[polluted]=1&constructor[prototype][polluted]=1");
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(form)).toBeNull();
    expect(Object.keys(form)).toEqual(["__proto__", "constructor"]);
  });

  test("all fields of a large form are decoded", () => {
    const rows = Array.from(
      { length: 5000 },
      (_, row) => `rows[${row}][a]=${row}&rows[${row}][b]=`,
    );
    const { rows: found } = decodeForm(rows.join("&")) as { rows: Record<string, object> };
    expect(Object.keys(found)).toHaveLength(5000);
    expect(found["4999"]).toEqual(expect.objectContaining({ a: "4999", b: "" }));
  });

  const many = (count: number, field: (index: number) => string): string =>
    Array.from({ length: count }, (_, index) => field(index)).join("&");

  test("entries for untouched fields are not counted as fields", () => {
    const fields = many(MAX_FORM_FIELDS, (index) => `a[_unused_${index}]=&a[${index}]=x`);
    const { a } = decodeForm(fields) as { a: Record<string, string> };
    expect(Object.keys(a)).toHaveLength(2 * MAX_FORM_FIELDS);
    expect(() => decodeForm(`${fields}&a[_unused_more]=`)).toThrow("`_unused_` entries");
    expect(() => decodeForm(`${fields}&b=x`)).toThrow(`at most ${MAX_FORM_FIELDS} fields`);
  });

  test.each([
    ["fields", "&".repeat(2 * MAX_FORM_FIELDS + 1)],
    ["fields", many(MAX_FORM_FIELDS + 1, (index) => `f${index % 7}=`)],
    ["objects and lists", many(MAX_FORM_CONTAINERS + 1, () => "rows[][a]=")],
    ["levels deep", `a${"[b]".repeat(MAX_FORM_DEPTH)}=1`],
    ["levels deep", `a[_unused_x]=&a${"[]".repeat(MAX_FORM_DEPTH)}=1`],
  ])("a form with more %s than the limit is rejected as a whole", (limit, encoded) => {
    expect(() => decodeForm(encoded)).toThrow(
      expect.objectContaining({
        name: "FormLimitError",
        code: "form_too_large",
        message: expect.stringContaining(limit) as string,
      }),
    );
  });

  test("the parameters of a URL are decoded by the same rules as a form", () => {
    const { searchParams } = new URL("http://localhost/?color[]=a&color%5B%5D=b&price[min]=1");
    expect(JSON.parse(JSON.stringify(decodeForm(searchParams)))).toEqual({
      color: ["a", "b"],
      price: { min: "1" },
    });
  });
});

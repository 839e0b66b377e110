import { expect, test } from "vitest";
import { encodeFormValues, findElement } from "./dom-queries.ts";

function sentBy(fields: string, given: Record<string, string> = {}): Record<string, string> {
  const form = findElement(`<form>${fields}</form>`, "form");
  return Object.fromEntries(new URLSearchParams(encodeFormValues(form, given)));
}

test("a textarea sends its text without the line break that directly follows its tag", () => {
  expect(sentBy('<textarea name="a">\nfirst\nsecond</textarea>')).toEqual({ a: "first\nsecond" });
  expect(sentBy('<textarea name="a">\n\nfirst</textarea>')).toEqual({ a: "\nfirst" });
  expect(sentBy('<textarea name="a">plain</textarea>')).toEqual({ a: "plain" });
});

test("a form omits the fields that a browser omits", () => {
  const fields =
    '<input name="off" type="checkbox"><input name="on" type="checkbox" checked>' +
    '<input name="gone" disabled value="1"><input value="nameless">';

  expect(sentBy(fields, { on: "yes" })).toEqual({ on: "yes" });
  expect(sentBy(fields)).toEqual({ on: "on" });
});

test("a form sends every field of one name, and all selected options of a select multiple", () => {
  const fields =
    '<input name="color[]" value="red"><input name="color[]" value="blue">' +
    '<select multiple name="size[]"><option selected>s</option><option>m</option>' +
    '<option selected value="large">l</option></select>';
  const form = findElement(`<form>${fields}</form>`, "form");
  const sent = (given: Record<string, string | string[]>): string[] =>
    [...new URLSearchParams(encodeFormValues(form, given))].map((entry) => entry.join("="));

  expect(sent({})).toEqual(["color[]=red", "color[]=blue", "size[]=s", "size[]=large"]);
  expect(sent({ "color[]": ["green", "pink"] })).toEqual([
    "size[]=s",
    "size[]=large",
    "color[]=green",
    "color[]=pink",
  ]);
});

import { expect, test } from "vitest";
import { compile } from "./compile.ts";

/** Compiles HTML in which `§` stands for a value. */
const compiled = (text: string): ReturnType<typeof compile> => compile(text.split("§"));

test.each([
  ["<§>", "in a tag's name"],
  ["</§>", "in a tag's name"],
  ["<d§ class>", "in a tag's name"],
  ["a <§", "for the character itself write &lt;"],
  ["<p cl§=x>", "in an attribute's name"],
  ["<p §x>", "with text directly behind it"],
  ["<p class=§x>", "with text directly behind it"],
  ["<a href=§/b>", "with text directly behind it"],
  ["<p class=a§>", "in an unquoted attribute value"],
  ['<p class="a"§>', "directly after an attribute; put a space"],
  ["<p § = x>", "in front of a `=`"],
  ["</p §>", "in an end tag"],
  ["</p class=§>", "in an end tag"],
  ["<p onclick=§>", "in `onclick`: its text would run as a script"],
  ['<p ONCLICK="a §">', "in `onclick`"],
  ["<iframe srcdoc=§></iframe>", "in `srcdoc`: its text is a whole HTML document"],
  ["<!-- § -->", "inside a comment or declaration"],
  ["<!--> <!--- > § -->", "inside a comment or declaration"],
  ["<!DOCTYPE §>", "inside a comment or declaration"],
  ["<? § ?>", "inside a comment or declaration"],
  ["<script>§</script>", "inside <script>, whose text is not HTML"],
  ["<SCRIPT> '</scripty>' §</SCRIPT>", "inside <script>"],
  ["<style>p { color: § }</style>", "inside <style>"],
  ["<script><!-- <script></script>§", "hides where the script ends"],
  ["<svg><animate values=§ /></svg>", "in <animate>, which can set a link's URL"],
  ["<svg><SET to='§' /></svg>", "in <set>, which can set a link's URL"],
  ["<svg><set § /></svg>", "in <set>, which can set a link's URL"],
  ["<title><b>§</b></title>", "after a tag inside <title>"],
  ['<a href="javascript:§">x</a>', "in a URL that could run as a script"],
  ['<a href=" java\nscript:f(§)">x</a>', "in a URL that could run as a script"],
  ['<a href="data:text/html,§">x</a>', "in a URL that could run as a script"],
  ['<img src="data:§">', "in a URL that could run as a script"],
  ['<a href="java&#115;cript§">x</a>', "a character reference in its scheme"],
  ['<a href="§&colon;x">x</a>', "a character reference in its scheme"],
])("compile refuses the template %s", (text, message) => {
  expect(() => compiled(text)).toThrow(
    expect.objectContaining({
      code: "invalid_template",
      message: expect.stringContaining(message) as string,
    }),
  );
});

test.each(["<p", "<p class='a", "<p class=§", "<p ", "<textarea>§", "<title>", "a <", "</p"])(
  "compile refuses %s, which does not end",
  (text) => {
    expect(() => compiled(text)).toThrow(
      /^Compiling an html template: expected (it to end|value 1)/,
    );
  },
);

test("an error names the value by its number and shows a part of the text in front of it", () => {
  const text = `<p>§</p>${"long ".repeat(30)}\n  <script>§</script>`;
  expect(() => compiled(text)).toThrow(/expected value 2 between tags .* in `….{60}\$\{…\}`\.$/);
});

test("compile refuses a piece with an invalid escape sequence", () => {
  expect(() => compile([undefined] as unknown as string[])).toThrow("an invalid escape sequence");
});

test.each([
  ["a < b && c > §", ["a < b && c > ", ""]],
  ["<!DOCTYPE html><!-- a > b --><p>§</p>", ["<!DOCTYPE html><!-- a > b --><p>", "</p>"]],
  ["<!--><p>§", ["<!--><p>", ""]],
  ["</><p>§", ["</><p>", ""]],
  ["<script>if (a < b) '<p>'</script>§", ["<script>if (a < b) '<p>'</script>", ""]],
  ["<br/>§<input disabled/>", ["<br/>", "<input disabled/>"]],
  ["<p a=b c = 'd' e>§", ["<p a=b c = 'd' e>", ""]],
  ["<p title='a>b\"'>§", ["<p title='a>b\"'>", ""]],
  ["<x-y:z a/b>§", ["<x-y:z a/b>", ""]],
  ["<svg><![CDATA[x]]></svg>§", ["<svg><![CDATA[x]]></svg>", ""]],
  ["<p\n  class=§\n  §\n>§", ["<p", "", "\n>", ""]],
])("compile reads %s as a browser does", (text, statics) => {
  const { holes, statics: found } = compiled(text);
  expect(found).toEqual(statics);
  expect(holes.at(-1)?.place.kind).toBe("text");
});

import { compile } from "./compile.ts";
import { composeUrls } from "./compose-url.ts";
import { listOf } from "./list.ts";
import type { Shape } from "./shape.ts";
import { Template, type HtmlValue } from "./template.ts";

// What is compiled depends on the program's text alone, so it is shared by all views. Equal
// templates at different places in it share one shape, which then is their fingerprint.
const shapesByCallSite = new WeakMap<TemplateStringsArray, Shape>();
const shapesByText = new Map<string, Shape>();

function compileOnce(pieces: TemplateStringsArray): Shape {
  const text = JSON.stringify(pieces);
  let shape = shapesByText.get(text);
  if (shape === undefined) {
    shape = compile(pieces);
    shapesByText.set(text, shape);
  }
  shapesByCallSite.set(pieces, shape);
  return shape;
}

/**
 * A template of HTML: text is escaped where it stands, so that no value can become markup.
 *
 * Between tags, null, undefined and booleans print nothing, so `${isOpen && html`…`}` works;
 * arrays print their elements (see `keyed`). `name=${value}` prints the whole attribute: null,
 * undefined and false leave it out, true gives `name=""` (the words in `aria-*`,
 * `contenteditable`, `draggable` and `spellcheck`). In quotes, values print as text. URLs that run
 * as scripts print as `about:blank#blocked`.
 * @throws LiveViewError `invalid_template` at the first evaluation, if a value stands where none
 * can: in a tag or attribute name, `on*`, `srcdoc`, a comment, `<script>` or `<style>`.
 */
export function html(pieces: TemplateStringsArray, ...values: readonly HtmlValue[]): Template {
  const shape = shapesByCallSite.get(pieces) ?? compileOnce(pieces);
  return new Template(shape, settle(shape, values));
}

/** Values as they are at this moment: arrays are copied, URLs in parts become one. */
function settle(shape: Shape, values: readonly unknown[]): readonly unknown[] {
  let settled: unknown[] | undefined;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    if (typeof value === "object" && Array.isArray(value)) {
      settled ??= [...values];
      settled[index] = listOf(value);
    }
  }
  return shape.composedUrls.length === 0
    ? (settled ?? values)
    : composeUrls(shape, settled ?? values);
}

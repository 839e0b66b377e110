import { compile } from "./compile.ts";
import { composeUrls } from "./compose-url.ts";
import type { Shape } from "./shape.ts";
import { Template, type HtmlValue } from "./template.ts";

// What is compiled depends on the program's text alone, so it is shared by all views. Equal
// templates at different places in it share one shape, which then is their fingerprint.
const shapesByCallSite = new WeakMap<TemplateStringsArray, Shape>();
const shapesByText = new Map<string, Shape>();

// A list evaluates the same template again and again: then even the look-up is saved.
let lastPieces: TemplateStringsArray | undefined;
let lastShape: Shape | undefined;

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
export function html(pieces: TemplateStringsArray, ...values: HtmlValue[]): Template {
  if (pieces !== lastPieces || lastShape === undefined) {
    lastPieces = pieces;
    lastShape = shapesByCallSite.get(pieces) ?? compileOnce(pieces);
  }
  const shape = lastShape;
  return new Template(shape, shape.composedUrls.length === 0 ? values : composeUrls(shape, values));
}

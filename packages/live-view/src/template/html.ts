import { compile } from "./compile.ts";
import { composeUrls } from "./compose-url.ts";
import type { Shape } from "./shape.ts";
import { type HtmlValue, Template } from "./template.ts";

// Shapes are cached for the whole process: they depend on the program's text alone, and their number
// is that of the templates in it. Equal templates at different places share one shape, whose identity
// then serves as their fingerprint.
const shapesByCallSite = new WeakMap<TemplateStringsArray, Shape>();
const shapesByText = new Map<string, Shape>();

// The items of a list evaluate the same template in a row: remembering the last saves the look-up.
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
 * Makes a template of HTML. Text is escaped for its place, so that no value can become markup.
 *
 * Between tags, null, undefined and booleans print nothing, so `${isOpen && html`…`}` works;
 * arrays print their elements (see `keyed`). `name=${value}` prints the whole attribute: null,
 * undefined and false leave the attribute out, true prints `name=""` (`aria-*`, `contenteditable`,
 * `draggable` and `spellcheck` print the words `true` and `false`). In quotes, values print as text.
 * URLs that run as scripts print as `about:blank#blocked`.
 * @throws LiveViewError `invalid_template` at the first evaluation, if a value stands in a tag name,
 * an attribute name, `on*`, `srcdoc`, a comment, `<script>` or `<style>`.
 */
export function html(pieces: TemplateStringsArray, ...values: HtmlValue[]): Template {
  if (pieces !== lastPieces || lastShape === undefined) {
    lastPieces = pieces;
    lastShape = shapesByCallSite.get(pieces) ?? compileOnce(pieces);
  }
  const shape = lastShape;
  return new Template(shape, shape.composedUrls.length === 0 ? values : composeUrls(shape, values));
}

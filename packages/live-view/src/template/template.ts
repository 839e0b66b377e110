import type { Attributes } from "./attributes.ts";
import type { JsCommands } from "./js-commands.ts";
import type { List } from "./list.ts";
import type { RawHtml } from "./raw-html.ts";
import type { Shape } from "./shape.ts";

/**
 * What can stand in a template. Between tags: text and numbers (escaped), templates, lists,
 * `rawHtml`; null, undefined and booleans print nothing. As an attribute's value: text, numbers,
 * booleans and `js` commands. In a tag: `attrs(...)`.
 */
export type HtmlValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | Template
  | List
  | RawHtml
  | Attributes
  | JsCommands
  | readonly HtmlValue[];

/** One evaluation of an `html` template: its shape, and the value of each hole. */
export class Template {
  readonly shape: Shape;
  /** Read by `settledValue`, which replaces arrays; otherwise they never change. */
  readonly values: unknown[];

  constructor(shape: Shape, values: unknown[]) {
    this.shape = shape;
    this.values = values;
  }
}

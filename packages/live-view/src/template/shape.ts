/** Where a value stands in the HTML of a template: decides what it may be and how it prints. */
export type HolePlace =
  /** Between tags. */
  | { readonly kind: "text" }
  /** In `<textarea>` or `<title>`, where tags have no meaning. */
  | { readonly kind: "plain-text" }
  /** `name=${value}`: the value prints the whole attribute, or nothing. */
  | { readonly kind: "attribute"; readonly name: string }
  /**
   * Within the quotes of an attribute value; `leads` if no static text stands in front, `sole` if
   * nothing else stands there.
   */
  | {
      readonly kind: "attribute-value";
      readonly name: string;
      readonly leads: boolean;
      readonly sole: boolean;
      readonly startsUrl: boolean;
    }
  /** The beginning of a URL made from several parts: the value is checked, escaped HTML. */
  | { readonly kind: "composed-url" }
  /** `<div ${attrs({})}>`. */
  | { readonly kind: "attributes" };

/** A value's place, and the static text in front of it for error messages. */
export interface Hole {
  readonly place: HolePlace;
  readonly near: string;
}

/** Several values that print as one, because only together they show a URL's scheme. */
export interface ComposedUrl {
  readonly attribute: string;
  /** The index of the first value; one value stands between each two of `parts`. */
  readonly from: number;
  readonly parts: readonly string[];
}

/**
 * What all evaluations of equal templates share: compiled once, so that one object identifies the
 * template, as the fingerprint does in Phoenix.
 */
export interface Shape {
  /** One more than there are holes. */
  readonly statics: readonly string[];
  readonly holes: readonly Hole[];
  readonly composedUrls: readonly ComposedUrl[];
  /** Length of the statics as JSON, in characters. */
  readonly staticsLength: number;
}

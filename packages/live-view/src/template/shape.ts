/** The place of a value in the HTML of a template, which decides its valid types and its printing. */
export type HolePlace =
  /** Between tags. */
  | { readonly kind: "text" }
  /** In `<textarea>` or `<title>`, where tags have no meaning. */
  | { readonly kind: "plain-text" }
  /** `name=${value}`: the value prints the whole attribute, or leaves it out. */
  | { readonly kind: "attribute"; readonly name: string }
  | AttributeValuePlace
  /** The beginning of a URL made from several values: already checked and escaped. */
  | { readonly kind: "composed-url" }
  /** `<div ${attrs({})}>`. */
  | { readonly kind: "attributes" };

/** A place within the quotes of an attribute value. */
export interface AttributeValuePlace {
  readonly kind: "attribute-value";
  /** The name of the attribute. */
  readonly name: string;
  /** Whether no static text stands in front of the value. */
  readonly leads: boolean;
  /** Whether the value is the only content of the attribute. */
  readonly sole: boolean;
  /** Whether the value can contribute to the scheme of a URL. */
  readonly startsUrl: boolean;
}

/** The place of a value, and the static text in front of the value, for error messages. */
export interface Hole {
  readonly place: HolePlace;
  readonly near: string;
}

/** Several values that print as one, because only together they show the scheme of a URL. */
export interface ComposedUrl {
  readonly attribute: string;
  /** The index of the first value. One value stands between each two of `parts`. */
  readonly from: number;
  readonly parts: readonly string[];
}

/**
 * The part that all evaluations of equal templates share. The shape is compiled once, so that its
 * identity stands for the template, as the fingerprint does in Phoenix.
 */
export interface Shape {
  /** The static text around the holes: one more than there are holes. */
  readonly statics: readonly string[];
  readonly holes: readonly Hole[];
  readonly composedUrls: readonly ComposedUrl[];
  /** The length of the statics as JSON, in characters. */
  readonly staticsLength: number;
  /** Whether the template prints exactly one element, which the client can skip (`r` on the wire). */
  readonly isOneElement: boolean;
}

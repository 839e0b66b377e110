const URL_ATTRIBUTES: ReadonlySet<string> = new Set([
  "action",
  "background",
  "cite",
  "codebase",
  "data",
  "formaction",
  "href",
  "icon",
  "longdesc",
  "manifest",
  "ping",
  "poster",
  "profile",
  "src",
  "usemap",
  "xlink:href",
]);

const BOOLEAN_ATTRIBUTES: ReadonlySet<string> = new Set([
  "allowfullscreen",
  "async",
  "autofocus",
  "autoplay",
  "checked",
  "controls",
  "default",
  "defer",
  "disabled",
  "formnovalidate",
  "hidden",
  "inert",
  "ismap",
  "itemscope",
  "loop",
  "multiple",
  "muted",
  "nomodule",
  "novalidate",
  "open",
  "playsinline",
  "readonly",
  "required",
  "reversed",
  "selected",
]);

const WORD_ATTRIBUTES: ReadonlySet<string> = new Set([
  "contenteditable",
  "draggable",
  "spellcheck",
]);

const NAME = /^[A-Za-z_:@][-A-Za-z0-9_:.@]*$/;

/** Whether the browser may load or follow the value of this attribute. The name in lower case. */
export function isUrlAttribute(name: string): boolean {
  return URL_ATTRIBUTES.has(name);
}

/** Whether this attribute is on by being present, whatever its value. The name in lower case. */
export function isBooleanAttribute(name: string): boolean {
  return BOOLEAN_ATTRIBUTES.has(name);
}

/** Whether this attribute says yes and no by the words `true` and `false`, as ARIA's do. */
export function isWordAttribute(name: string): boolean {
  return name.startsWith("aria-") || WORD_ATTRIBUTES.has(name);
}

/** Whether the client runs this attribute as JS commands when its value starts with `[`. */
export function isCommandAttribute(name: string): boolean {
  return name.startsWith("phx-") && !name.startsWith("phx-value-");
}

/** Tags that animate another element's attribute, which may be a link's URL. */
const ANIMATIONS: ReadonlySet<string> = new Set(["animate", "set"]);
const ANIMATED_VALUES: ReadonlySet<string> = new Set(["by", "from", "to", "values"]);

/** Whether a tag can set a URL, by any of its attributes. The name in lower case. */
export function isAnimation(tag: string): boolean {
  return ANIMATIONS.has(tag);
}

/** Whether the value of this attribute of an animation may become a URL. */
export function isAnimatedValue(name: string): boolean {
  return ANIMATED_VALUES.has(name);
}

/** Why no value may be put into this attribute, or `undefined` if one may. */
export function refusedAttribute(name: string): string | undefined {
  const lower = name.toLowerCase();
  if (!NAME.test(name)) return "it is not an attribute name";
  if (lower.startsWith("on")) {
    return "its text would run as a script; use phx-click and the like, with js commands";
  }
  if (lower === "srcdoc") {
    return "its text is a whole HTML document that would run in this page's origin; use src";
  }
  return undefined;
}

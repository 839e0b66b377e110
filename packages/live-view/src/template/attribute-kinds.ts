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

const TRUE_FALSE_ATTRIBUTES: ReadonlySet<string> = new Set([
  "contenteditable",
  "draggable",
  "spellcheck",
]);

const NAME = /^[A-Za-z_:@][-A-Za-z0-9_:.@]*$/;

/** Whether browsers load or follow the value of this attribute as a URL. `name` is in lower case. */
export function isUrlAttribute(name: string): boolean {
  return URL_ATTRIBUTES.has(name);
}

/** Whether this attribute is on when present, whatever its value. `name` is in lower case. */
export function isBooleanAttribute(name: string): boolean {
  return BOOLEAN_ATTRIBUTES.has(name);
}

/** Whether this attribute takes the words `true` and `false`, as ARIA attributes do. */
export function isTrueFalseAttribute(name: string): boolean {
  return name.startsWith("aria-") || TRUE_FALSE_ATTRIBUTES.has(name);
}

/** Whether the client runs the value of this attribute as JS commands if it starts with `[`. */
export function isCommandAttribute(name: string): boolean {
  return name.startsWith("phx-") && !name.startsWith("phx-value-");
}

/** SVG tags that animate an attribute of another element, which may be the URL of a link. */
const ANIMATIONS: ReadonlySet<string> = new Set(["animate", "set"]);
const ANIMATED_VALUES: ReadonlySet<string> = new Set(["by", "from", "to", "values"]);

/** Whether an attribute of this tag can set the URL of another element. `tag` is in lower case. */
export function isAnimation(tag: string): boolean {
  return ANIMATIONS.has(tag);
}

/** Whether an animation may write the value of this attribute into a URL. */
export function isAnimatedValue(name: string): boolean {
  return ANIMATED_VALUES.has(name);
}

/** Returns the reason why a template must not fill this attribute, or `undefined` if it may. */
export function refusalReason(name: string): string | undefined {
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

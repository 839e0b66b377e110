import type { Hole } from "./shape.ts";

/** The character that stands for a value between tags while a template is read. */
const VALUE = "\0";

const SPACE = /\s*/y;
const TEXT = /[^<]+|<(?![A-Za-z/!?])/y;
// The client expects a comment in front of an element to end on its line.
const LEADING_COMMENT = /<!--(?!-?>).*?-->/y;
const COMMENT = /<!--(?!-?>)[^]*?-->/y;
const START_TAG =
  /<([A-Za-z][\w:-]*)((?:\s+[^\s"'<>/=]+(?:="[^"]*"|='[^']*'|=[^\s"'<>=`]+)?)*)\s*(\/?)>/y;
const END_TAG = /<\/([A-Za-z][\w:-]*)\s*>/y;
const QUOTED = /=(?:"[^"]*"|'[^']*')/g;

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));

const VOID = words("area base br col embed hr img input link meta param source track wbr");
const RAW = words("iframe noembed noframes script style textarea title xmp");
/** Elements that a parser drops or renames, that never end, and those that the client knows wrongly. */
const UNSUITABLE = words("body command frame frameset head html image keygen plaintext");
/** Elements that a parser ends where one of the same group starts. */
const SELF_ENDING =
  "a|button|dd dt|form|h1 h2 h3 h4 h5 h6|li|nobr|optgroup option|rb rp rt rtc|tbody tfoot thead|td th|tr"
    .split("|")
    .map(words);
/** The content of `<select>`. Of other elements, some end it. */
const OPTIONS = words("hr optgroup option");
/** Elements whose content is parts of a table alone: a parser moves everything else out of them. */
const TABLE = words("table tbody tfoot thead tr");
const TABLE_PARTS = words("caption col colgroup tbody td tfoot th thead tr");
const EVERYWHERE = words("script style template");
/** HTML elements in front of which a parser ends all of SVG. */
const SVG_ENDING = words(
  "b big blockquote br center code dd div dl dt em embed font h1 h2 h3 h4 h5 h6 hr i img li listing menu meta nobr ol p pre ruby s small span strike strong sub sup table tt u ul var",
);

/**
 * Returns whether a template always prints exactly one element whose start tag the official client
 * can rewrite. The client then leaves the element alone while nothing in it changes, and a wrong
 * answer would make it lose content; so HTML that is unusual or invalid is no element.
 */
export function isOneElement(statics: readonly string[], holes: readonly Hole[]): boolean {
  return new Reader(withValues(statics, holes)).isOneElement();
}

/** Joins the statics. A value within a tag prints nothing or a part of an attribute, and is left out. */
function withValues(statics: readonly string[], holes: readonly Hole[]): string {
  return statics.reduce(
    (text, piece, index) => text + (holes[index - 1]?.place.kind === "text" ? VALUE : "") + piece,
  );
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  isOneElement(): boolean {
    // A parser ends a comment here, the client does not.
    if (this.#text.includes("--!>")) return false;
    this.#skipAround(LEADING_COMMENT);
    const root = this.#next(START_TAG);
    if (root === undefined || !hasReadableId(root[2] ?? "")) return false;
    if (!this.#skipElement(root)) return false;
    // The client takes a tag that ends with `-->` for the end of a comment.
    if (this.#text.endsWith("-->", this.#at)) return false;
    this.#skipAround(COMMENT);
    return this.#at === this.#text.length;
  }

  /** Reads up to the end of the outermost element, and returns whether it has one. */
  #skipElement([, written = "", , slash]: RegExpExecArray): boolean {
    const name = written.toLowerCase();
    // A parser ends `<p>` in front of any block element that a value prints.
    if (name === "p" || UNSUITABLE.has(name)) return false;
    // The client knows the names of void elements in lower case only.
    if (VOID.has(name)) return written === name;
    if (slash !== "") return false;
    const open = [name];
    if (RAW.has(name) && !this.#skipRaw(name)) return false;
    while (open.length > 0) {
      if (!this.#skipText(open)) return false;
      const end = this.#next(END_TAG);
      if (end !== undefined) {
        if (open.pop() !== end[1]?.toLowerCase()) return false;
      } else if (!this.#skipStartTag(open)) return false;
    }
    return true;
  }

  #skipStartTag(open: string[]): boolean {
    const tag = this.#next(START_TAG);
    if (tag === undefined) return false;
    const name = tag[1]?.toLowerCase() ?? "";
    const [root = ""] = open;
    const isInTable = TABLE.has(open.at(-1) ?? "");
    if (UNSUITABLE.has(name)) return false;
    if (SELF_ENDING.some((group) => group.has(root) && group.has(name))) return false;
    if (root === "select" && !OPTIONS.has(name)) return false;
    if (TABLE_PARTS.has(name) !== isInTable && !EVERYWHERE.has(name)) return false;
    if (isInSvg([root]) && isInSvg(open) && SVG_ENDING.has(name)) return false;
    if (VOID.has(name)) return true;
    if (tag[3] !== "") return isInSvg(open);
    const isRaw = RAW.has(name) && !isInSvg(open);
    open.push(name);
    return !isRaw || this.#skipRaw(name);
  }

  #skipText(open: readonly string[]): boolean {
    for (;;) {
      const text = this.#next(TEXT)?.[0];
      if (text === undefined && this.#next(COMMENT) === undefined) return true;
      if (TABLE.has(open.at(-1) ?? "") && /[^\s\0]/.test(text ?? "")) return false;
    }
  }

  /** Skips text in which tags have no meaning. */
  #skipRaw(name: string): boolean {
    const length = this.#text.slice(this.#at).search(new RegExp(`</${name}\\s*>`, "i"));
    this.#at += Math.max(length, 0);
    return length !== -1;
  }

  #skipAround(comment: RegExp): void {
    do this.#next(SPACE);
    while (this.#next(comment) !== undefined);
  }

  #next(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return undefined;
    this.#at = pattern.lastIndex;
    return found;
  }
}

/** Returns whether the client finds the id: it looks for ` id="`. */
function hasReadableId(attributes: string): boolean {
  const names = attributes.replaceAll(QUOTED, (value) => value.slice(0, 2));
  return !/\sid(?=[=\s]|$)/i.test(names.replaceAll(' id="', ""));
}

/** Returns whether these elements are in SVG, where `/>` ends an element and no text is raw. */
function isInSvg(open: readonly string[]): boolean {
  return open.some((name) => name === "svg" || name === "g") && !open.includes("foreignobject");
}

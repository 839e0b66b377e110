/**
 * The scanner's position in the HTML. Comments and scripts have no state, because a piece must not
 * end inside one.
 */
export type ScannerState =
  | "text"
  | "plain-text"
  | "tag-open"
  | "tag-name"
  | "before-attribute"
  | "attribute-name"
  | "after-attribute-name"
  | "before-value"
  | "double-quoted"
  | "single-quoted"
  | "unquoted"
  | "after-value";

const SPACE = /\s/;
const LETTER = /[A-Za-z]/;
const COMMENT = /<!--(?:>|->|[^]*?--!?>)/y;
const DECLARATION = /<(?:[!?]|\/[^A-Za-z>])[^>]*>/y;
const RAW_TEXT: ReadonlySet<string> = new Set(
  "script style xmp iframe noembed noframes plaintext".split(" "),
);
const PLAIN_TEXT: ReadonlySet<string> = new Set(["textarea", "title"]);
const DROPS_LINE_BREAK: ReadonlySet<string> = new Set(["listing", "pre", "textarea"]);

/**
 * Reads HTML in pieces as a browser's tokenizer does. After each piece, `state` says what a value at
 * that point would be part of. Calls `refuse` for HTML in which no value could stand safely.
 */
export class HtmlScanner {
  state: ScannerState = "text";
  /** The name of the current or last tag, in lower case. */
  tag = "";
  isEndTag = false;
  /** The name of the current attribute, in lower case. */
  attribute = "";
  /** The index in the current piece at which the space in front of the current attribute begins. */
  attributeStart = 0;
  /** The part read so far of the current attribute's value. */
  value = "";
  /** The part read so far of the text in the current `<textarea>` or `<title>`. */
  plainText = "";
  /** Whether a browser would drop a line break here, directly behind a start tag such as `<pre>`. */
  dropsLineBreak = false;
  readonly #refuse: (found: string) => never;

  constructor(refuse: (found: string) => never) {
    this.#refuse = refuse;
  }

  read(piece: string): void {
    let at = 0;
    while (at < piece.length) at = this.#step(piece, at);
  }

  #step(piece: string, at: number): number {
    const character = piece.charAt(at);
    switch (this.state) {
      case "text":
        return this.#text(piece, at);
      case "plain-text":
        return this.#plainText(piece, at);
      case "tag-open":
        return this.#tagOpen(piece, at);
      case "tag-name":
        if (SPACE.test(character) || character === "/") return this.#go("before-attribute", at + 1);
        if (character === ">") return this.#endTag(piece, at);
        this.tag += character.toLowerCase();
        return at + 1;
      case "before-attribute":
      case "after-attribute-name":
      case "after-value":
        return this.#betweenAttributes(piece, at, character);
      case "attribute-name":
        if (character === "=") return this.#go("before-value", at + 1);
        if (SPACE.test(character)) return this.#go("after-attribute-name", at + 1);
        if (character === "/") return this.#go("before-attribute", at + 1);
        if (character === ">") return this.#endTag(piece, at);
        this.attribute += character.toLowerCase();
        return at + 1;
      case "before-value":
        if (SPACE.test(character)) return at + 1;
        if (character === ">") return this.#endTag(piece, at);
        this.value = "";
        if (character === '"') return this.#go("double-quoted", at + 1);
        if (character === "'") return this.#go("single-quoted", at + 1);
        return this.#go("unquoted", at);
      case "double-quoted":
      case "single-quoted":
        return this.#quoted(piece, at);
      case "unquoted":
        if (SPACE.test(character)) return this.#go("before-attribute", at + 1);
        if (character === ">") return this.#endTag(piece, at);
        this.value += character;
        return at + 1;
    }
  }

  #go(state: ScannerState, at: number): number {
    this.state = state;
    return at;
  }

  #text(piece: string, at: number): number {
    this.dropsLineBreak = false;
    const open = piece.indexOf("<", at);
    if (open === -1) return piece.length;
    const construct = piece.startsWith("<!--", open) ? COMMENT : DECLARATION;
    construct.lastIndex = open;
    if (construct.test(piece)) return construct.lastIndex;
    if (/^<(?:[!?]|\/[^A-Za-z>])/.test(piece.slice(open, open + 3))) {
      return this.#refuse("inside a comment or declaration");
    }
    return this.#go("tag-open", open + 1);
  }

  #tagOpen(piece: string, at: number): number {
    if (piece.charAt(at) === "/" && !this.isEndTag) {
      this.isEndTag = true;
      return at + 1;
    }
    this.tag = "";
    return this.#go(LETTER.test(piece.charAt(at)) ? "tag-name" : "text", at);
  }

  #betweenAttributes(piece: string, at: number, character: string): number {
    if (SPACE.test(character)) {
      return this.#go(this.state === "after-value" ? "before-attribute" : this.state, at + 1);
    }
    if (character === ">") return this.#endTag(piece, at);
    if (character === "/") return this.#go("before-attribute", at + 1);
    if (character === "=") {
      if (this.state === "after-attribute-name") return this.#go("before-value", at + 1);
      return this.#refuse("in front of a `=` without an attribute name");
    }
    this.attribute = "";
    this.attributeStart = piece.slice(0, at).trimEnd().length;
    return this.#go("attribute-name", at);
  }

  #quoted(piece: string, at: number): number {
    const end = piece.indexOf(this.state === "double-quoted" ? '"' : "'", at);
    this.value += piece.slice(at, end === -1 ? piece.length : end);
    return end === -1 ? piece.length : this.#go("after-value", end + 1);
  }

  #endTag(piece: string, at: number): number {
    const opened = this.isEndTag ? "" : this.tag;
    this.isEndTag = false;
    this.plainText = "";
    this.dropsLineBreak = DROPS_LINE_BREAK.has(opened);
    this.state = PLAIN_TEXT.has(opened) ? "plain-text" : "text";
    return RAW_TEXT.has(opened) ? this.#skipRawText(piece, at + 1) : at + 1;
  }

  #skipRawText(piece: string, at: number): number {
    const length = piece.slice(at).search(endOf(this.tag));
    if (length === -1) return this.#refuse(`inside <${this.tag}>, whose text is not HTML`);
    if (this.tag === "script" && piece.slice(at, at + length).includes("<!--")) {
      return this.#refuse("after a <script> with `<!--` in it, which hides where the script ends");
    }
    return at + length;
  }

  #plainText(piece: string, at: number): number {
    this.dropsLineBreak = false;
    const length = piece.slice(at).search(endOf(this.tag));
    if (length !== -1) return this.#go("text", at + length);
    this.plainText += piece.slice(at);
    return piece.length;
  }
}

const endOf = (tag: string): RegExp => new RegExp(`</${tag}(?=[\\s/>])`, "i");

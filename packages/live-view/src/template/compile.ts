import {
  isAnimatedValue,
  isAnimation,
  isBooleanAttribute,
  isUrlAttribute,
  refusalReason,
} from "./attribute-kinds.ts";
import { isSchemeOpen, readUrlStart } from "./compose-url.ts";
import { HtmlScanner } from "./html-scanner.ts";
import { isOneElement } from "./one-element.ts";
import { isUnsafeUrl } from "./safe-url.ts";
import type { ComposedUrl, Hole, HolePlace, Shape } from "./shape.ts";
import { excerptBefore, misplacedValue, unfinishedTemplate } from "./template-errors.ts";

/**
 * Compiles the static pieces of a template: finds the place of each value, and moves text that must
 * come and go with a value, such as the name of an attribute, from the statics into its hole.
 * @throws LiveViewError `invalid_template` where a value cannot stand, or if HTML does not end.
 */
export function compile(pieces: readonly string[]): Shape {
  return new Compiler(pieces).compile();
}

class Compiler {
  readonly #pieces: readonly string[];
  readonly #statics: string[] = [];
  readonly #holes: Hole[] = [];
  readonly #composedUrls: ComposedUrl[] = [];
  readonly #refuseBound = (found: string): never => this.#refuse(found);
  readonly #scanner = new HtmlScanner(this.#refuseBound);
  /** The index of the next value. */
  #index = 0;
  /** The rest of the piece behind the last value. */
  #piece: string;

  constructor(pieces: readonly string[]) {
    // A browser reads CR and CRLF as LF. They are replaced here because a CR at the end of a piece
    // would join the LF at the start of a value to one line break.
    this.#pieces = pieces.map(
      (piece: string | undefined) => piece?.replace(/\r\n?/g, "\n") as string,
    );
    this.#piece = this.#pieceAt(0);
  }

  compile(): Shape {
    for (;;) {
      this.#scanner.read(this.#piece);
      this.#statics.push(this.#piece);
      if (this.#index === this.#pieces.length - 1) break;
      const near = excerptBefore(this.#pieceAt(this.#index));
      this.#piece = this.#pieceAt(this.#index + 1);
      const place = this.#place();
      this.#holes.push({ place, near });
      this.#index += 1;
    }
    this.#checkEnd();
    return {
      statics: this.#statics,
      holes: this.#holes,
      composedUrls: this.#composedUrls,
      staticsLength: JSON.stringify(this.#statics).length,
      isOneElement: isOneElement(this.#statics, this.#holes),
    };
  }

  #pieceAt(index: number): string {
    const piece: string | undefined = this.#pieces[index];
    // JavaScript passes `undefined` for a piece with an invalid escape.
    return piece ?? this.#refuse("an invalid escape sequence such as `\\u` without its digits");
  }

  #place(): HolePlace {
    const scanner = this.#scanner;
    switch (scanner.state) {
      case "text":
        this.#keepLineBreak();
        return { kind: "text" };
      case "plain-text":
        return this.#plainTextPlace();
      case "before-attribute":
      case "after-attribute-name":
        return this.#attributesPlace();
      case "before-value":
        return this.#attributePlace();
      case "double-quoted":
        return this.#attributeValuePlace('"');
      case "single-quoted":
        return this.#attributeValuePlace("'");
      case "tag-open":
      case "tag-name":
        return this.#refuse("in a tag's name; for the character itself write &lt;");
      case "attribute-name":
        return this.#refuse("in an attribute's name; use ${attrs({ [name]: value })}");
      case "unquoted":
        return this.#refuse("in an unquoted attribute value; put the whole value in quotes");
      case "after-value":
        return this.#refuse("directly after an attribute; put a space in front of it");
    }
  }

  #plainTextPlace(): HolePlace {
    const { tag, plainText } = this.#scanner;
    if (/<(?:[A-Za-z/!?]|$)/.test(plainText)) {
      this.#refuse(`after a tag inside <${tag}>, which holds text only`);
    }
    this.#keepLineBreak();
    return { kind: "plain-text" };
  }

  /**
   * Protects a line break at the start of a value behind `<textarea>`, `<pre>` or `<listing>`. A
   * browser drops the first line break there, so the static text adds one for it to drop.
   */
  #keepLineBreak(): void {
    if (!this.#scanner.dropsLineBreak) return;
    this.#statics[this.#statics.length - 1] += "\n";
    this.#scanner.dropsLineBreak = false;
  }

  #attributesPlace(): HolePlace {
    if (this.#scanner.isEndTag) this.#refuse("in an end tag");
    if (isAnimation(this.#scanner.tag)) this.#refuseAnimation();
    this.#cutStatic(this.#lastStatic().trimEnd().length);
    this.#leaveAttribute();
    return { kind: "attributes" };
  }

  /** Moves the name of `name=${value}` out of the statics, so that the attribute can be absent. */
  #attributePlace(): HolePlace {
    const name = this.#attributeName();
    this.#cutStatic(this.#scanner.attributeStart);
    this.#leaveAttribute();
    if (name !== "id") return { kind: "attribute", name };
    // Always printed, because the client looks for ` id="` when it moves or skips an element.
    this.#statics[this.#statics.length - 1] += ' id="';
    this.#piece = `"${this.#piece}`;
    this.#scanner.state = "double-quoted";
    return { kind: "attribute-value", name, leads: true, sole: true, startsUrl: false };
  }

  #attributeValuePlace(quote: string): HolePlace {
    const name = this.#attributeName();
    const before = this.#scanner.value;
    const isFirst = this.#lastStatic().endsWith(quote + before);
    const sole = isFirst && before === "" && this.#piece.startsWith(quote);
    if (sole && isBooleanAttribute(name)) {
      this.#piece = this.#piece.slice(1);
      return this.#attributePlace();
    }
    const startsUrl = isUrlAttribute(name) && isFirst && this.#isSchemeOpen(name, before);
    if (startsUrl && !sole) return this.#urlPlace(name, quote, before);
    return { kind: "attribute-value", name, leads: before === "", sole, startsUrl };
  }

  #isSchemeOpen(name: string, before: string): boolean {
    if (isSchemeOpen(before, this.#refuseBound)) return true;
    if (!isUnsafeUrl(before, name)) return false;
    return this.#refuse("in a URL that could run as a script; give the whole URL as one value");
  }

  /**
   * Merges all values that could contribute to a URL's scheme into one hole, because only the whole
   * scheme can be checked.
   */
  #urlPlace(attribute: string, quote: string, before: string): HolePlace {
    const from = this.#index;
    const start = readUrlStart(this.#pieces, from, quote, this.#refuseBound);
    const parts = [before, ...start.parts];
    this.#piece = start.rest;
    if (parts.length === 2 && parts.every((part) => part === "")) {
      return {
        kind: "attribute-value",
        name: attribute,
        leads: true,
        sole: false,
        startsUrl: true,
      };
    }
    this.#cutStatic(this.#lastStatic().length - before.length);
    this.#index += start.parts.length - 1;
    this.#composedUrls.push({ attribute, from, parts });
    return { kind: "composed-url" };
  }

  #attributeName(): string {
    const { attribute, isEndTag, tag } = this.#scanner;
    if (isEndTag) this.#refuse("in an end tag");
    if (isAnimation(tag) && isAnimatedValue(attribute)) this.#refuseAnimation();
    const reason = refusalReason(attribute);
    return reason === undefined ? attribute : this.#refuse(`in \`${attribute}\`: ${reason}`);
  }

  #refuseAnimation(): never {
    return this.#refuse(`in <${this.#scanner.tag}>, which can set a link's URL`);
  }

  #leaveAttribute(): void {
    if (!/^(?:\s|\/?>)/.test(this.#piece)) {
      this.#refuse("with text directly behind it; put a space there, or the whole value in quotes");
    }
    this.#scanner.state = "after-value";
  }

  #lastStatic(): string {
    return this.#statics.at(-1) ?? "";
  }

  #cutStatic(length: number): void {
    this.#statics[this.#statics.length - 1] = this.#lastStatic().slice(0, length);
  }

  #checkEnd(): void {
    const { state, tag } = this.#scanner;
    if (state === "text") return this.#keepLineBreak();
    const open = state === "plain-text" ? `<${tag}> that is not closed` : "tag that does not end";
    throw unfinishedTemplate(this.#pieces.at(-1) ?? "", open);
  }

  #refuse(found: string): never {
    throw misplacedValue(this.#index + 1, this.#pieces[this.#index] ?? "", found);
  }
}

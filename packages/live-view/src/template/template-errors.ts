import { LiveViewError } from "../errors.ts";

const MAX_EXCERPT_LENGTH = 60;

/** The end of some static text, on one line. */
function excerpt(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > MAX_EXCERPT_LENGTH ? `…${line.slice(-MAX_EXCERPT_LENGTH)}` : line;
}

/** Shows in messages where a value stands: behind which static text. */
export function excerptBefore(piece: string): string {
  return `${excerpt(piece)}\${…}`;
}

/** The error of a value that stands where none can. */
export function misplacedValue(position: number, piece: string, found: string): LiveViewError {
  return new LiveViewError(
    "invalid_template",
    `Compiling an html template: expected value ${position} between tags or as an attribute's ` +
      `value, found it ${found}, in \`${excerptBefore(piece)}\`.`,
  );
}

/** The error of a template that ends within a tag or an element of text. */
export function unfinishedTemplate(lastPiece: string, found: string): LiveViewError {
  return new LiveViewError(
    "invalid_template",
    `Compiling an html template: expected it to end between tags, found a ${found}, in ` +
      `\`${excerpt(lastPiece)}\`. Close it in the same template.`,
  );
}

/** Longest line in the log, in UTF-16 units: a client may choose parts of it, such as an event's name. */
const MAX_LINE_LENGTH = 1000;

/** Characters that would begin a line of their own, or move a terminal's cursor. */
// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/** Cuts text, and says how much is missing. */
export function cutText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  return `${text.slice(0, maxLength)}… (${text.length} characters)`;
}

/** Text for one line of a log: bounded, and without characters that begin another line. */
export function boundedText(text: string, maxLength = MAX_LINE_LENGTH): string {
  return cutText(text, maxLength).replace(
    CONTROLS,
    (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A client's text in quotes, as a part of a message. */
export const quoteText = (text: string, maxLength = 80): string =>
  boundedText(JSON.stringify(cutText(text, maxLength)), 6 * maxLength + 100);

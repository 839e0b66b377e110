import { contentOf, type Content } from "./content.ts";
import { settledValue } from "./settled-value.ts";
import type { Hole } from "./shape.ts";
import { checkKeys, List, type Template } from "./template.ts";

/**
 * Prints a template as HTML, exactly as the client prints it from the tree of a join.
 * @throws LiveViewError `invalid_value` if a value cannot be printed where it stands,
 * `duplicate_key` if two items of a keyed list have the same key.
 */
export function printHtml(template: Template): string {
  const { statics, holes } = template.shape;
  let printed = statics[0] ?? "";
  holes.forEach((hole, index) => {
    printed += printContent(hole, contentOf(hole, settledValue(template, index)));
    printed += statics[index + 1] ?? "";
  });
  return printed;
}

function printContent(hole: Hole, content: Content): string {
  if (typeof content === "string") return content;
  if (!(content instanceof List)) return printHtml(content);
  checkKeys(content, hole.near);
  let printed = "";
  for (const entry of content.entries) printed += printContent(hole, contentOf(hole, entry));
  return printed;
}

import { markup, type Markup, type MarkupValue } from "./markup.ts";

/**
 * A cell of a table whose rows become cards on a phone: there the label stands beside the value, and
 * cells without one are left out.
 */
export function tableCell(
  label: string,
  value: string,
  { isBad = false, small = null }: { isBad?: boolean; small?: MarkupValue } = {},
): Markup {
  const kind = value === "–" && small === null ? "none" : isBad ? "bad" : "";
  return markup`<td data-label="${label}" class="${kind}"><b>${value}</b>${small}</td>`;
}

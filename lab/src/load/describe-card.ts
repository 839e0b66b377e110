import type { Card } from "./page-html.ts";

/** A card in a sentence, for examples of what went wrong. */
export function describeCard(card: Card | undefined): string {
  if (card === undefined) return "no card";
  const { status, count, size, probe } = card;
  return `status ${status}, count ${count}, ${size} entries and "${probe}"`;
}

import type { Card } from "./page-html.ts";

/** Describes a card in a sentence, for the examples of findings. */
export function describeCard(card: Card | undefined): string {
  if (card === undefined) return "no card";
  const { status, count, size, probe } = card;
  return `status ${status}, count ${count}, ${size} entries and "${probe}"`;
}

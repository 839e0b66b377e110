import { EXPECTED_SIZE, expectedProbe } from "../app/entries.ts";
import type { Card } from "./page-html.ts";

/** The outcome of a return; outcomes are counted by name. */
export type ReturnOutcome = "recovered" | "expired" | "lost" | "revived" | "wrong";

/** `unanswered`: the store did not answer about a stash that had expired, so nothing was lost. */
type Judgement = ReturnOutcome | "unanswered";

/** A page after its return. */
export interface PageReturn {
  readonly card: Card | undefined;
  /** The count of the last stash that was acknowledged; 0 if there was none. */
  readonly acknowledged: number;
  /** From the loss of the connection to the attempt to reconnect. */
  readonly awayMs: number;
  /** From that loss to the answer: the node loaded the stash at some time in between. */
  readonly answeredMs: number;
  readonly ttlMs: number;
}

/** In TTLs. A browser-held state may live a quarter of the TTL longer: its deadline is in the token. */
const LONGEST_LIFE = 1.25;
/** In TTLs. The node notices a lost connection later than the user, and has a clock of its own. */
const MARGIN = 0.03;

/** Whether a card shows that count with the content that belongs to it. */
export const showsCount = (card: Card | undefined, count: number): boolean =>
  card?.count === count && card.size === EXPECTED_SIZE && card.probe === expectedProbe(count);

/** Judges a return. Between the TTL and the longest life, `recovered` and `expired` are both right. */
export function judgeReturn(page: PageReturn): Judgement {
  const { card, acknowledged, awayMs, answeredMs, ttlMs } = page;
  if (card?.status === "recovered") {
    if (!showsCount(card, acknowledged)) return "wrong";
    return awayMs > ttlMs * (LONGEST_LIFE + MARGIN) ? "revived" : "recovered";
  }
  if (!showsCount(card, 0)) return "wrong";
  const hadToRecover = answeredMs < ttlMs * (1 - MARGIN) && acknowledged > 0;
  if (hadToRecover) return "lost";
  if (card?.status === "not_found") return "expired";
  return card?.status === "error" ? "unanswered" : "wrong";
}

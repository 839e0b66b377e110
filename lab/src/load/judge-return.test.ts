import { expect, test } from "vitest";
import { expectedProbe } from "../app/entries.ts";
import { judgeReturn } from "./judge-return.ts";
import type { Card } from "./page-html.ts";

const card = (status: string, count: number, changes: Partial<Card> = {}): Card => ({
  status,
  count,
  size: 128,
  probe: expectedProbe(count),
  ...changes,
});

const judge = (shown: Card | undefined, awayMs: number, answeredMs = awayMs + 5): string =>
  judgeReturn({ card: shown, acknowledged: 3, awayMs, answeredMs, ttlMs: 1_000 });

test("within the TTL a return must recover its whole state", () => {
  expect(judge(card("recovered", 3), 700)).toBe("recovered");
  expect(judge(card("not_found", 0), 700)).toBe("lost");
  expect(judge(card("error", 0), 700)).toBe("lost");
});

test("after the longest life a return must find nothing", () => {
  expect(judge(card("not_found", 0), 1_400)).toBe("expired");
  expect(judge(card("recovered", 3), 1_400)).toBe("revived");
  expect(judge(card("error", 0), 1_400)).toBe("unanswered");
  expect(judge(card("new", 0), 1_400)).toBe("wrong");
});

test("between the TTL and the longest life a return may find its state or nothing", () => {
  expect(judge(card("not_found", 0), 1_100)).toBe("expired");
  expect(judge(card("recovered", 3), 1_100)).toBe("recovered");
  expect(judge(card("not_found", 0), 700, 1_100)).toBe("expired");
});

test("a return with a different count, size or content is wrong at any time", () => {
  expect(judge(card("recovered", 2), 700)).toBe("wrong");
  expect(judge(card("recovered", 3, { size: 127 }), 700)).toBe("wrong");
  expect(judge(card("recovered", 3, { probe: expectedProbe(2) }), 700)).toBe("wrong");
  expect(judge(card("not_found", 3), 1_400)).toBe("wrong");
  expect(judge(undefined, 700)).toBe("wrong");
});

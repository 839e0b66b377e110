import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { expect, onTestFinished, test } from "vitest";
import { createNotices, NOTICE_CHANNELS, type Notice } from "./notices.ts";

const slow: Notice = {
  kind: "closed",
  reason: "slow_client",
  message: "a socket was closed with 1013 slow_client",
  expected: "at most 10 bytes to wait",
  found: "11",
  advice: "Raise limits.maxBufferedBytes.",
};

function collect() {
  const clock = { nowMs: 0 };
  const lines: string[] = [];
  const logger = { error: () => undefined, warn: (line: string) => void lines.push(line) };
  return { clock, lines, notices: createNotices(logger, () => clock.nowMs) };
}

test("a notice is logged as one line with what was expected, what was found and advice", () => {
  const { lines, notices } = collect();
  notices.note(slow);
  expect(lines).toEqual([
    "live-view: a socket was closed with 1013 slow_client: expected at most 10 bytes to wait, " +
      "found 11. Raise limits.maxBufferedBytes.",
  ]);
});

test("the log has one line a minute for each reason, and counts those left out", () => {
  const { clock, lines, notices } = collect();
  for (let count = 0; count < 1000; count++) notices.note(slow);
  notices.note({ ...slow, reason: "mailbox_full" });
  expect(lines).toHaveLength(2);
  clock.nowMs = 59_999;
  notices.note(slow);
  expect(lines).toHaveLength(2);
  clock.nowMs = 60_000;
  notices.note(slow);
  expect(lines).toHaveLength(3);
  expect(lines[2]).toContain("(1000 more like it since the last line)");
});

test("every notice is published on its channel, logged or not", () => {
  const heard: unknown[] = [];
  const listen = (message: unknown): void => void heard.push(message);
  subscribe(NOTICE_CHANNELS.closed, listen);
  onTestFinished(() => void unsubscribe(NOTICE_CHANNELS.closed, listen));
  const { notices } = collect();
  for (let count = 0; count < 3; count++) notices.note(slow);
  notices.note({ ...slow, kind: "refused" });
  expect(heard).toEqual([slow, slow, slow]);
});

test("a notice with a client's text is logged as one bounded line", () => {
  const { lines, notices } = collect();
  notices.note({ ...slow, found: `\u001b[2J\nlive-view: all is well${"x".repeat(1_000_000)}` });
  expect(lines[0]?.length).toBeLessThan(1200);
  expect(lines[0]).not.toContain("\n");
  expect(lines[0]).not.toContain("\u001b");
});

test("reasons beyond a maximum share one line, so that memory and log stay bounded", () => {
  const { lines, notices } = collect();
  for (let count = 0; count < 5000; count++) notices.note({ ...slow, reason: `r${count}` });
  expect(lines.length).toBeLessThan(250);
});

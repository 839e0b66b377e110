import { expect, test } from "vitest";
import { HEAD_LENGTH, readFrameHead } from "./frame-head.ts";

const longest = '"\\\u0001'.repeat(85);

test.each([
  ["4", "12", "lv:phx-1", "event"],
  [null, null, "phoenix", "heartbeat"],
  [longest, longest, longest, longest],
])("the head is read from the beginning alone: %j %j %j %j", (joinRef, ref, topic, event) => {
  const text = JSON.stringify([joinRef, ref, topic, event, { text: "x".repeat(10_000) }]);
  expect(readFrameHead(text.slice(0, HEAD_LENGTH))?.frame).toEqual({
    joinRef,
    ref,
    topic,
    event,
    payload: undefined,
  });
});

test("the name of an event is read where the client puts it", () => {
  const payload = { type: "form", event: 'sa"ve', value: `event=${"x".repeat(10_000)}` };
  const text = JSON.stringify(["1", "2", "lv:x", "event", payload]);
  expect(readFrameHead(text.slice(0, HEAD_LENGTH))?.eventName).toBe('sa"ve');
  const late = JSON.stringify([
    "1",
    "2",
    "lv:x",
    "event",
    { value: "x".repeat(10_000), event: "e" },
  ]);
  expect(readFrameHead(late.slice(0, HEAD_LENGTH))?.eventName).toBeUndefined();
});

test.each([
  "",
  "[",
  "{}",
  "[1,2,3,4,",
  '["1","2",null,"event",',
  '["1","2","lv:x",null,',
  "x".repeat(9999),
])("%j is no head", (text) => {
  expect(readFrameHead(text)).toBeUndefined();
});

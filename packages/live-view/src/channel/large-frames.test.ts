import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { HEAD_LENGTH, MAX_FRAME_VALUES, readFrameHead, weighFrame } from "./large-frames.ts";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

const times = (count: number, each: (index: number) => string, between = ","): string =>
  Array.from({ length: count }, (_, index) => each(index)).join(between);

test("weighFrame() counts values, and not the commas and brackets within strings", () => {
  const text = JSON.stringify(["1", "1", "lv:x", "event", { text: 'a,b[{"\\",'.repeat(1000) }]);
  expect(weighFrame(text, true).values).toBeLessThan(10);
  expect(weighFrame(`[${times(5000, String)}]`, true).values).toBe(5000);
  expect(weighFrame(`[${times(5000, () => "{}")}]`, true).values).toBe(10_000);
});

test("weighFrame() stops at a string that never ends, or ends with backslashes", () => {
  expect(weighFrame(`["${"x".repeat(5000)}`, true).values).toBe(1);
  expect(weighFrame(`["${"\\\\".repeat(5000)}",1]`, true).values).toBe(2);
  expect(weighFrame(`["${"\\".repeat(5001)}",1]`, true).values).toBe(1);
});

test("weighFrame() stops counting soon beyond the limit", () => {
  const { values } = weighFrame("[".repeat(5_000_000), true);
  expect(values).toBe(MAX_FRAME_VALUES + 1);
});

test("weighFrame() counts the fields of a form like values", () => {
  const form = (value: string): string =>
    JSON.stringify(["1", "1", "lv:x", "event", { type: "form", event: "change", value }]);
  const fields = weighFrame(form(times(1000, (index) => `f${index}=`, "&")), true);
  const text = weighFrame(form(times(1000, (index) => `f${index}=`, "+")), true);
  expect(fields.bytes - text.bytes).toBeGreaterThan(100_000);
});

test.each([
  ["empty objects", `[${times(20_000, () => "{}")}]`],
  ["empty lists", `[${times(20_000, () => "[]")}]`],
  ["nested lists", `[${times(10, () => "[".repeat(2000) + "]".repeat(2000))}]`],
  ["fractions", `[${times(20_000, (index) => `${index}.5`)}]`],
  ["short strings", `[${times(20_000, (index) => `"s${index}"`)}]`],
  ["an object of many keys", `{${times(20_000, (index) => `"k${index}":1`)}}`],
  [
    "objects with a key of their own",
    `[${times(20_000, (index) => `{"k${index}":{"j${index}":1}}`)}]`,
  ],
  ["one long string", JSON.stringify("x".repeat(1_000_000))],
])("the estimate is not below the memory that parsing takes: %s", (_, text) => {
  gc();
  const before = process.memoryUsage().heapUsed;
  const parsed: unknown = JSON.parse(text);
  gc();
  const taken = process.memoryUsage().heapUsed - before;
  expect(parsed).toBeDefined();
  expect(weighFrame(text, true).bytes).toBeGreaterThan(taken);
});

test("weighFrame() assumes the largest possible memory for a short frame", () => {
  expect(weighFrame("[".repeat(1024), true)).toEqual({ bytes: 32 * 1024, values: 0 });
});

const longest = '"\\\u0001'.repeat(85);

test.each([
  ["4", "12", "lv:phx-1", "event"],
  [null, null, "phoenix", "heartbeat"],
  [longest, longest, longest, longest],
])(
  "readFrameHead() needs only the beginning of a frame: %j %j %j %j",
  (joinRef, ref, topic, event) => {
    const text = JSON.stringify([joinRef, ref, topic, event, { text: "x".repeat(10_000) }]);
    expect(readFrameHead(text.slice(0, HEAD_LENGTH))?.frame).toEqual({
      joinRef,
      ref,
      topic,
      event,
      payload: undefined,
    });
  },
);

test("readFrameHead() reads the name of an event if the payload begins with it", () => {
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
])("readFrameHead() returns undefined for %j", (text) => {
  expect(readFrameHead(text)).toBeUndefined();
});

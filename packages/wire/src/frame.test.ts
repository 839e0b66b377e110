import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { decodeFrame, encodeFrame, encodeReply } from "./frame.ts";

interface Recorded {
  readonly frames: readonly { readonly exchange?: readonly { readonly frame: unknown }[] }[];
}

const recordedFrames = ["join.json", "client-events.json"].flatMap((file) => {
  const url = new URL(`../test/vectors/${file}`, import.meta.url);
  const recorded = JSON.parse(readFileSync(url, "utf8")) as Recorded;
  return recorded.frames.flatMap((each) => (each.exchange ?? []).map(({ frame }) => frame));
});

describe("text frames", () => {
  test("every recorded frame is decoded, and encoded as the same bytes", () => {
    expect(recordedFrames.length).toBeGreaterThan(40);
    for (const recorded of recordedFrames) {
      const text = JSON.stringify(recorded);
      const frame = decodeFrame(text);
      if (frame === undefined) throw new Error(`not read: ${text}`);
      const { joinRef, ref, topic, event, payload } = frame;
      expect(encodeFrame(joinRef, ref, topic, event, payload)).toBe(text);
    }
  });

  test("a reply echoes join_ref, ref and topic", () => {
    const request = { joinRef: "4", ref: "8", topic: "lv:phx-1" };
    expect(JSON.parse(encodeReply(request, "ok", {}))).toEqual([
      "4",
      "8",
      "lv:phx-1",
      "phx_reply",
      { status: "ok", response: {} },
    ]);
  });

  test.each([
    ["", "nothing"],
    ["{", "not JSON"],
    ["{}", "an object"],
    ["[]", "too short"],
    ['["4","4","lv:1","phx_join"]', "no payload"],
    ['["4","4","lv:1","phx_join",{},1]', "too long"],
    ['[4,"4","lv:1","phx_join",{}]', "a numeric join_ref"],
    ['["4",4,"lv:1","phx_join",{}]', "a numeric ref"],
    ['["4","4",null,"phx_join",{}]', "no topic"],
    ['["4","4","lv:1",{},{}]', "an event that is no name"],
    [`["4","4","lv:${"x".repeat(300)}","phx_join",{}]`, "a topic that is too long"],
    [`["${"4".repeat(300)}","4","lv:1","phx_join",{}]`, "a ref that is too long"],
  ])("%s is rejected: %s", (text) => {
    expect(decodeFrame(text)).toBeUndefined();
  });
});

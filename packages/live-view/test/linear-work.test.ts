import { decodeForm, decodeFrame, FormLimitError } from "@live-stash/wire";
import { expect, test } from "vitest";
import { readFrameHead, weighFrame } from "../src/channel/large-frames.ts";
import { requestOrigin } from "../src/session/request-origin.ts";
import { cookieSession } from "../src/index.ts";
import { createOriginCheck } from "../src/session/origin-policy.ts";
import { FrameMeter } from "../src/transport/websocket-frames.ts";
import { SECRET } from "./test-server.ts";

const GROWTH = 8;
/** Quadratic work grows 64-fold; linear work 8-fold, and more once a text outgrows the caches. */
const MAX_SLOWDOWN = 32;
/** Shorter times are too inexact to be compared, and too short to matter. */
const NEGLIGIBLE_MS = 1;

/** Returns the CPU time that the process has used, in ms: other processes do not affect it. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Returns the shortest CPU time of a few runs: garbage collection makes a run longer, never shorter. */
function shortestMs(work: () => void): number {
  let shortest = Infinity;
  for (let run = 0; run < 5; run++) {
    const startMs = cpuMs();
    work();
    shortest = Math.min(shortest, cpuMs() - startMs);
  }
  return shortest;
}

const MIB = 1024 * 1024;
const KIB_64 = 64 * 1024;

const weigh = (text: string): unknown => weighFrame(text, true);
const decode = (text: string): unknown => {
  try {
    return decodeForm(text);
  } catch (cause) {
    // The form has more fields than are decoded.
    if (cause instanceof FormLimitError) return undefined;
    throw cause;
  }
};
const sessions = cookieSession({ secrets: [SECRET], name: "s" });
const readCookie = (cookie: string): unknown => sessions.read({ headers: { cookie } });
const readOrigin = (text: string): unknown =>
  requestOrigin({ headers: { forwarded: text, "x-forwarded-host": text } }, true);
const isSameHost = createOriginCheck("same-host");

const long = "x".repeat(1030);

test.each<[string, (text: string) => unknown, string, string, number]>([
  ["weighing long strings without a field", weigh, "[", `"${long}",`, MIB],
  ["weighing long strings with a field each", weigh, "[", `"${long}&",`, MIB],
  ["weighing one string of fields", weigh, '["', "a&", MIB],
  ["weighing short strings", weigh, "[", '"",', MIB],
  ["weighing escaped quotes", weigh, '["', String.raw`\"`, MIB],
  ["weighing backslashes", weigh, '["', "\\", MIB],
  ["weighing strings of backslashes", weigh, "[", `"${"\\".repeat(1500)}",`, MIB],
  ["decoding a frame of long strings", decodeFrame, "[", `"${long}",`, MIB],
  ["decoding a form of fields", decode, "", "a=1&", KIB_64],
  ["decoding a form of brackets that open", decode, "", "a[[", MIB],
  ["decoding a form of nested names", decode, "", "a[b][c][]=1&", KIB_64],
  ["decoding a form of one name of many parts", decode, "", "a[b]", MIB],
  ["decoding a form of percent signs", decode, "", "%41%", MIB],
  ["reading a frame's head of names", readFrameHead, "[1,", '"event" ', 4096],
  ["reading a frame's head of spaces", readFrameHead, '["1",', " ", 4096],
  ["reading a frame's head of escapes", readFrameHead, '["', String.raw`\"`, 4096],
  ["reading cookies of one name", readCookie, "", "s=a.b.c;", KIB_64],
  ["reading cookies of separators", readCookie, "", ";=", KIB_64],
  ["reading cookies of spaces", readCookie, "", " ", KIB_64],
  ["reading forwarded headers of commas", readOrigin, "", ",", KIB_64],
  ["reading forwarded headers of pairs", readOrigin, "", "host = ;", KIB_64],
  ["reading forwarded headers of quotes", readOrigin, "", '"', KIB_64],
  ["comparing an origin", (text) => isSameHost(`http://${text}`, text), "", "a.", KIB_64],
])(
  "the CPU time of %s grows linearly with the length of the text",
  (_, work, beginning, part, length) => {
    const [smallMs = 0, largeMs = 0] = [length, GROWTH * length].map((each) => {
      const text = beginning + part.repeat(Math.ceil(each / part.length));
      // In one piece, as a socket delivers it.
      const received = Buffer.from(text).toString();
      return shortestMs(() => void work(received));
    });
    expect(largeMs / Math.max(smallMs, NEGLIGIBLE_MS)).toBeLessThan(MAX_SLOWDOWN);
  },
);

test.each([
  ["one byte of content each", [0x01, 0x81, 0, 0, 0, 0, 0x61]],
  ["no content", [0x01, 0x80, 0, 0, 0, 0]],
])("the CPU time of metering fragments of %s grows linearly with their number", (_, frame) => {
  const work = (bytes: number) => (): void => {
    const chunk = Buffer.alloc(bytes, Buffer.from(frame));
    const meter = new FrameMeter();
    for (let at = 0; at < chunk.length; at += 1024) meter.read(chunk.subarray(at, at + 1024));
  };
  const smallMs = shortestMs(work(MIB));
  const largeMs = shortestMs(work(GROWTH * MIB));
  expect(largeMs / Math.max(smallMs, NEGLIGIBLE_MS)).toBeLessThan(MAX_SLOWDOWN);
});

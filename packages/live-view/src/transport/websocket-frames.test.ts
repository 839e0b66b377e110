import { afterAll, beforeAll, expect, it, test } from "vitest";
import { FrameMeter, textFrame } from "./websocket-frames.ts";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";

interface Part {
  readonly opcode?: number;
  readonly isFinal?: boolean;
}

/** Creates a client's frame, or its part of a message. */
function frame(length: number, { opcode = 1, isFinal = true }: Part = {}): Buffer {
  const head = [(isFinal ? 0x80 : 0) | opcode];
  if (length < 126) head.push(0x80 | length);
  else if (length < 65_536) head.push(0x80 | 126, length >> 8, length & 0xff);
  else
    head.push(
      0x80 | 127,
      0,
      0,
      0,
      0,
      length >> 24,
      (length >> 16) & 0xff,
      (length >> 8) & 0xff,
      length & 0xff,
    );
  return Buffer.concat([Buffer.from(head), Buffer.alloc(4 + length, 0xff)]);
}

test.each([0, 1, 125, 126, 65_535, 65_536, 3_000_000])(
  "the meter returns 0 after a complete message of %i bytes, in whatever chunks it arrives",
  (length) => {
    const bytes = frame(length);
    for (const size of [1, 7, 4096, bytes.length]) {
      if (bytes.length / size > 100_000) continue;
      const meter = new FrameMeter();
      let last = -1;
      for (let at = 0; at < bytes.length; at += size)
        last = meter.read(bytes.subarray(at, at + size));
      expect(last).toBe(0);
    }
  },
);

test("the meter counts the received bytes of an incomplete message", () => {
  const meter = new FrameMeter();
  const bytes = frame(1_000_000);
  expect(meter.read(bytes.subarray(0, 500_000))).toBeGreaterThanOrEqual(499_000);
  expect(meter.read(bytes.subarray(500_000, 900_000))).toBeGreaterThanOrEqual(899_000);
  expect(meter.read(bytes.subarray(900_000))).toBe(0);
});

test("the meter counts an incomplete message that follows a complete one in the same chunk", () => {
  const meter = new FrameMeter();
  const chunk = Buffer.concat([frame(10), frame(50_000).subarray(0, 30_000)]);
  expect(meter.read(chunk)).toBeGreaterThan(29_000);
});

test("the meter counts the buffers of fragments and chunks", () => {
  const meter = new FrameMeter();
  const fragments = Buffer.concat([
    frame(0, { isFinal: false }),
    ...Array.from({ length: 1000 }, () => frame(0, { opcode: 0, isFinal: false })),
  ]);
  expect(meter.read(fragments)).toBeGreaterThan(128 * 1000);
  const pieces = new FrameMeter();
  pieces.read(frame(50_000).subarray(0, 10));
  let held = 0;
  for (let count = 0; count < 1000; count++) held = pieces.read(Buffer.alloc(1));
  expect(held).toBeGreaterThan(256 * 1000);
});

test("the meter ignores a ping between the fragments of a message, which the last fragment completes", () => {
  const meter = new FrameMeter();
  const held = meter.read(frame(1000, { isFinal: false }));
  expect(held).toBeGreaterThan(1000);
  expect(meter.read(frame(125, { opcode: 9 }))).toBeLessThan(held + 300);
  expect(meter.read(frame(1000, { opcode: 0 }))).toBe(0);
});

/** The texts that the server sends to each client. */
const texts = [
  "",
  "a",
  "a".repeat(125),
  "a".repeat(126),
  "ä".repeat(63),
  "€ and 😀",
  "a".repeat(65_535),
  "a".repeat(65_536),
  "😀".repeat(50_000),
];

const http = createServer();
const sockets = new WebSocketServer({ noServer: true });
http.on("upgrade", (request, stream, head) => {
  sockets.handleUpgrade(request, stream, head, () => {
    for (const text of texts) stream.write(textFrame(text));
  });
});

beforeAll(async () => {
  await once(http.listen(0, "127.0.0.1"), "listening");
});
afterAll(() => http.close());

it("a client decodes each text frame to the original text", async () => {
  const { port } = http.address() as AddressInfo;
  const client = new WebSocket(`ws://127.0.0.1:${port}`);
  const received: string[] = [];
  await new Promise<void>((resolve, reject) => {
    client.on("error", reject);
    client.on("message", (data: Buffer, isBinary) => {
      received.push(isBinary ? "binary" : data.toString());
      if (received.length === texts.length) resolve();
    });
  });
  client.terminate();
  expect(received).toEqual(texts);
});

it("a text frame has U+FFFD for a lone surrogate", () => {
  expect(textFrame("\ud800").subarray(2)).toEqual(Buffer.from("\ufffd"));
});

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { textFrame } from "./text-frame.ts";

/** Sends each of them as a frame of ours to whoever connects. */
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

it("is read by a client as the text it was", async () => {
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

it("has U+FFFD for half a character, as text on a wire has", () => {
  expect(textFrame("\ud800").subarray(2)).toEqual(Buffer.from("\ufffd"));
});

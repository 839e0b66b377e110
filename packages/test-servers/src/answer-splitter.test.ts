import { expect, test } from "vitest";
import { AnswerSplitter } from "./answer-splitter.ts";

const handshake = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";

function frame(opcode: number, payload: string): Buffer {
  const body = Buffer.from(payload);
  const head = Buffer.alloc(body.length < 126 ? 2 : body.length < 65_536 ? 4 : 10);
  head.writeUInt8(0x80 | opcode, 0);
  head.writeUInt8(head.length === 2 ? body.length : head.length === 4 ? 126 : 127, 1);
  if (head.length === 4) head.writeUInt16BE(body.length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(body.length), 2);
  return Buffer.concat([head, body]);
}

const texts = ["", "short", "é".repeat(100), "x".repeat(70_000)];
const stream = Buffer.concat([
  Buffer.from(handshake),
  ...texts.map((text) => frame(1, text)),
  frame(9, "ping"),
  frame(8, "\u0003\u00e8"),
]);

test.each([[1], [2], [7], [1_000], [stream.length]])(
  "a WebSocket's handshake and frames are split when they arrive %i bytes at a time",
  (chunkBytes) => {
    const splitter = new AnswerSplitter();
    const pieces = [];
    for (let at = 0; at < stream.length; at += chunkBytes) {
      pieces.push(...splitter.push(stream.subarray(at, at + chunkBytes)));
    }

    expect(pieces.map((piece) => piece.text)).toEqual([undefined, ...texts, undefined, undefined]);
    expect(pieces[0]?.bytes.toString()).toBe(handshake);
    expect(Buffer.concat(pieces.map((piece) => piece.bytes)).equals(stream)).toBe(true);
  },
);

test.each([["HTTP/1.1 200 OK\r\n\r\nbody"], ["+OK\r\n"], ["HTTP/1.0 200 OK"]])(
  "chunks of another protocol are not split: %j",
  (text) => {
    const splitter = new AnswerSplitter();

    expect(splitter.push(Buffer.from(text))).toEqual([{ bytes: Buffer.from(text), text }]);
    expect(splitter.push(Buffer.from(handshake)).map((piece) => piece.text)).toEqual([handshake]);
  },
);

test("the data after an upgrade to another protocol is not split", () => {
  const splitter = new AnswerSplitter();
  const other = handshake.replace("websocket", "another");

  const pieces = splitter.push(Buffer.from(`${other}\0\0\0\u007f and so on`));
  expect(pieces.map(({ text }) => text)).toEqual([undefined, "\0\0\0\u007f and so on"]);
});

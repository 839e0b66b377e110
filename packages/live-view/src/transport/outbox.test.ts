import { Duplex } from "node:stream";
import { expect, test } from "vitest";
import { Outbox } from "./outbox.ts";

/** Creates an outbox whose client reads when a test calls a function. */
function slowConnection() {
  const taken: Buffer[] = [];
  let release: (() => void) | undefined;
  let isOpen = true;
  const stream = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      taken.push(chunk);
      if (isOpen) done();
      else release = done;
    },
  });
  let held = 0;
  let caughtUp = 0;
  let progress = 0;
  const outbox = new Outbox({
    stream,
    hold: (bytes) => void (held += bytes),
    onProgress: () => void (progress += 1),
    onCaughtUp: () => void (caughtUp += 1),
  });
  return {
    outbox,
    stream,
    taken,
    get held() {
      return held;
    },
    get caughtUp() {
      return caughtUp;
    },
    get progress() {
      return progress;
    },
    stop: () => void (isOpen = false),
    /** Lets the client read one piece. */
    async readOne(): Promise<void> {
      const done = release;
      release = undefined;
      done?.();
      await new Promise((resolve) => setImmediate(resolve));
    },
    async readAll(): Promise<void> {
      isOpen = true;
      await this.readOne();
    },
  };
}

/** Decodes the texts of unmasked frames. */
function textsOf(chunks: readonly Buffer[]): string[] {
  const bytes = Buffer.concat(chunks);
  const texts: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const code = bytes[at + 1] ?? 0;
    const headBytes = code < 126 ? 2 : code === 126 ? 4 : 10;
    const length =
      code < 126
        ? code
        : code === 126
          ? bytes.readUInt16BE(at + 2)
          : Number(bytes.readBigUInt64BE(at + 2));
    texts.push(bytes.toString("utf8", at + headBytes, at + headBytes + length));
    at += headBytes + length;
  }
  return texts;
}

test("an outbox holds nothing while the client reads", () => {
  const connection = slowConnection();
  for (const text of ["a", "ä".repeat(1000), "x".repeat(3_000_000), "b"])
    connection.outbox.send(text);
  expect(connection.outbox.isBehind).toBe(false);
  expect(connection.held).toBe(0);
  expect(textsOf(connection.taken).map((text) => text.length)).toEqual([1, 1000, 3_000_000, 1]);
});

test("frames for a client that is behind arrive in order, whatever their sizes, and are counted until they are written", async () => {
  const connection = slowConnection();
  const texts = [
    "first",
    "",
    "ä",
    "x".repeat(20_000),
    "€".repeat(9000),
    "b",
    "😀".repeat(100_000),
    "c",
  ];
  for (let count = 0; count < 500; count++) texts.push(`n${count}`);
  connection.stop();
  for (const text of texts) connection.outbox.send(text);
  expect(connection.outbox.isBehind).toBe(true);
  expect(connection.held).toBeGreaterThan(2 * texts.join("").length);
  expect(connection.caughtUp).toBe(0);
  await connection.readAll();
  expect(connection.outbox.isBehind).toBe(false);
  expect(textsOf(connection.taken)).toEqual(texts);
  expect(connection.held).toBe(0);
  expect(connection.caughtUp).toBe(1);
});

test("a large frame is written piece by piece, and does not count as waiting", async () => {
  const connection = slowConnection();
  connection.stop();
  connection.outbox.send("x".repeat(1_000_000));
  expect(connection.outbox.waitingBytes).toBe(0);
  expect(connection.held).toBeGreaterThanOrEqual(1_000_000);
  const { progress } = connection;
  for (let count = 0; count < 5; count++) await connection.readOne();
  expect(connection.progress).toBe(progress + 5);
  connection.outbox.send("behind it");
  expect(connection.outbox.waitingBytes).toBeGreaterThan(100);
});

test("each of many short frames counts with the memory of its entry", () => {
  const connection = slowConnection();
  connection.stop();
  for (let count = 0; count < 10_000; count++) connection.outbox.send("{}");
  expect(connection.outbox.waitingBytes).toBeGreaterThan(1_000_000);
});

test("a closed outbox holds nothing, whatever was being written", async () => {
  for (const texts of [
    ["a"],
    ["a", "b"],
    ["x".repeat(1_000_000), "b"],
    ["a", "x".repeat(100_000)],
  ]) {
    const connection = slowConnection();
    connection.stop();
    for (const text of texts) connection.outbox.send(text);
    await connection.readOne();
    connection.outbox.close();
    connection.outbox.close();
    expect(connection.held).toBe(0);
  }
});

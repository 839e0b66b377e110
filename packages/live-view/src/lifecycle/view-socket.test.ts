import { expect, onTestFinished, test } from "vitest";
import { MAX_FLASH_BYTES, ViewSocket } from "./view-socket.ts";

const createSocket = (): ViewSocket =>
  new ViewSocket({
    id: "phx-1",
    viewName: "v",
    connected: true,
    connectParams: {},
    session: { id: "s" },
    url: new URL("http://localhost/"),
    flash: {},
    post: () => true,
    onChange: () => undefined,
    onRejoin: () => undefined,
    onIdle: () => undefined,
  });

test("a promise passed to waitUntil that rejects before settle is called does not end the process", async () => {
  const unhandled: unknown[] = [];
  const listener = (cause: unknown): void => void unhandled.push(cause);
  process.on("unhandledRejection", listener);
  onTestFinished(() => void process.off("unhandledRejection", listener));

  const socket = createSocket();
  socket.waitUntil(Promise.reject(new Error("no database")));
  await new Promise((resolve) => setImmediate(resolve));
  await socket.settle();

  expect(unhandled).toEqual([]);
});

test.each([2 ** 31, Number.NaN, -1, Infinity])(
  "sendAfter and sendEvery refuse %d ms, which Node.js would replace by 1 ms",
  (ms) => {
    const socket = createSocket();
    expect(() => socket.sendAfter("tick", ms)).toThrow("socket.sendAfter: expected a time from 0");
    expect(() => socket.sendEvery("tick", ms)).toThrow("socket.sendEvery: expected a time from 0");
  },
);

const unsafe = (value: unknown): never => value as never;
const refusal = (call: (socket: ViewSocket) => void): unknown => {
  try {
    call(createSocket());
    return undefined;
  } catch (error) {
    return error;
  }
};

test.each<[string, (socket: ViewSocket) => void, string]>([
  [
    "pushEvent",
    (socket) => socket.pushEvent("saved", { cart: { total: 5n } }),
    'socket.pushEvent("saved"): expected values that JSON can carry, found a bigint: send ' +
      "String(value), or Number(value) if it is small, at `payload.cart.total`.",
  ],
  ["reply", (socket) => socket.reply({ ids: new Set([1]) }), "at `payload.ids`"],
  ["reply", (socket) => socket.reply(unsafe(undefined)), "found undefined, at `payload`"],
  ["pushEvent", (socket) => socket.pushEvent(unsafe(5n)), "expected a name as text, found bigint"],
  ["setTitle", (socket) => socket.setTitle(unsafe(5n)), "expected a title as text, found bigint"],
  ["putFlash", (s) => s.putFlash("info", unsafe(new Error("x"))), "message as text, found object"],
  [
    "putFlash",
    (socket) => socket.putFlash(unsafe(null), "x"),
    "expected a kind as text, found null",
  ],
])("socket.%s refuses a value that it cannot send, with the path to it", (_, call, message) => {
  expect(refusal(call)).toMatchObject({
    code: "invalid_value",
    message: expect.stringContaining(message) as string,
  });
});

test("putFlash refuses a message if no cookie can carry all messages", () => {
  const socket = createSocket();
  socket.putFlash("info", "ü".repeat(1_000));
  socket.putFlash("info", "x".repeat(MAX_FLASH_BYTES - '{"info":""}'.length));
  const before = socket.flash;
  expect(() => socket.putFlash("error", "")).toThrow(
    expect.objectContaining({
      code: "flash_too_large",
      message:
        'socket.putFlash("error"): expected all flash messages of a page to take at most 2900 ' +
        "bytes as JSON, found 2911: a cookie carries them. Shorten the message, or assign the " +
        "long text and render it.",
    }),
  );
  expect(socket.flash).toBe(before);
  expect(refusal((other) => other.putFlash("info", "ü".repeat(1_500)))).toMatchObject({
    code: "flash_too_large",
  });
});

import { onTestFinished, expect, test } from "vitest";
import { ViewSocket } from "./view-socket.ts";

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
  });

test("a promise that rejects before anybody waits for it does not end the process", async () => {
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
  "a time of %d ms, which a timer would take for none, is refused",
  (ms) => {
    const socket = createSocket();
    expect(() => socket.sendAfter("tick", ms)).toThrow("sendAfter: expected a time from 0");
    expect(() => socket.sendEvery("tick", ms)).toThrow("sendEvery: expected a time from 0");
  },
);

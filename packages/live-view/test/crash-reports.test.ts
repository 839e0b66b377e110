import { describe, expect, test } from "vitest";
import { html, live, liveView, type Logger } from "../src/index.ts";
import { loadPage, RawClient } from "./raw-client.ts";
import { startTestServer } from "./test-server.ts";

const thrown: Record<string, () => unknown> = {
  null: () => null,
  undefined: () => undefined,
  symbol: () => Symbol("s"),
  proxy: () =>
    new Proxy(
      {},
      {
        has() {
          throw new Error("trap");
        },
        get() {
          throw new Error("trap");
        },
        getPrototypeOf() {
          throw new Error("trap");
        },
      },
    ),
  status: () => ({
    get status() {
      throw new Error("getter");
    },
  }),
  stack: () =>
    Object.defineProperty(new Error("x"), "stack", {
      get() {
        throw new Error("getter");
      },
    }),
  inspect: () => ({
    [Symbol.for("nodejs.util.inspect.custom")]() {
      throw new Error("inspect");
    },
  }),
};

const throwing = liveView<object>({
  name: "throwing",
  handleEvent: {
    throw(_, { what }) {
      throw thrown[String(what)]?.();
    },
  },
  terminate(_, reason) {
    if (reason === "crashed") throw thrown.proxy?.();
  },
  render: () => html`<p>ok</p>`,
});

/** The type of a logger allows a promise: any function fits one that returns void. */
const rejects = (): unknown => Promise.reject(new Error("the disk is full"));

const loggers: Record<string, Logger["error"]> = {
  "that works": () => undefined,
  "that throws": () => {
    throw new Error("the disk is full");
  },
  "that rejects": rejects,
  "that reads all of the cause": (_, cause) => void JSON.stringify(Object.entries(cause as object)),
};

describe.each(Object.keys(loggers))("with a logger %s,", (name) => {
  test.each(Object.keys(thrown))(
    "a view that throws %s crashes alone and can be joined again",
    async (what) => {
      const log = loggers[name] as Logger["error"];
      const { url } = await startTestServer({
        routes: [live("/", throwing)],
        logger: { error: log, warn: log },
      });
      const page = await loadPage(url);
      const [client, bystander] = [await RawClient.openFor(page), await RawClient.openFor(page)];
      for (const each of [client, bystander]) {
        each.join(page, "1");
        await each.reply("1");
      }
      client.send(["1", "2", `lv:${page.id}`, "event", { event: "throw", value: { what } }]);
      const crash = await client.next((frame) => frame[3] === "phx_error");
      expect(crash[4]).toEqual({ reason: "crashed" });
      client.join(page, "3");
      expect((await client.reply("3")).status).toBe("ok");
      bystander.send(["1", "4", `lv:${page.id}`, "event", { event: "lv:clear-flash", value: {} }]);
      expect((await bystander.reply("4")).status).toBe("ok");
    },
  );
});

test("a client's text in an error message makes no long line in the log", async () => {
  const { url, errors } = await startTestServer({ routes: [live("/", throwing)] });
  const page = await loadPage(url);
  const client = await RawClient.openFor(page);
  client.join(page, "1");
  await client.reply("1");
  const event = `nobody\u2028handles${"x".repeat(500_000)}`;
  client.send(["1", "2", `lv:${page.id}`, "event", { event, value: {} }]);
  await client.next((frame) => frame[3] === "phx_error");
  const [{ message, cause } = { message: "", cause: undefined }] = errors;
  expect(message.length + String((cause as Error).stack).length).toBeLessThan(3000);
  expect((cause as Error).message).toContain("nobody");
});

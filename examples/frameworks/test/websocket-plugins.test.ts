import {
  bundleProgram,
  type BundledProgram,
  spawnServer,
  startChromium,
} from "@live-stash/test-servers";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";

let browser: Browser;
let program: BundledProgram;
beforeAll(async () => {
  [browser, program] = await Promise.all([
    startChromium(),
    bundleProgram(new URL("../src/websockets.ts", import.meta.url)),
  ]);
});
afterAll(() => Promise.all([browser.close(), program.close()]));

/** Sends `hello` over a WebSocket of the page's server, and returns the first text received. */
const say = (page: Page, path: string, protocol?: string): Promise<string> =>
  page.evaluate(
    ([to = "", kind]) =>
      new Promise<string>((resolve, reject) => {
        const url = new URL(to, location.href.replace("http", "ws"));
        const socket = kind === undefined ? new WebSocket(url) : new WebSocket(url, kind);
        socket.addEventListener("open", () => socket.send("hello"));
        socket.addEventListener("close", ({ code }) => reject(new Error(`closed with ${code}`)));
        socket.addEventListener("message", ({ data }) => resolve(String(data)));
      }),
    [path, protocol],
  );

/** Sends `hello` over Socket.IO, with the client that its server serves. */
async function sayBySocketIo(page: Page): Promise<string> {
  await page.addScriptTag({ url: "/socket.io/socket.io.js" });
  return page.evaluate(
    () =>
      new Promise<string>((resolve, reject) => {
        interface Client {
          on(event: string, listener: (value: never) => void): Client;
          emit(event: string, text: string): void;
        }
        const { io } = window as unknown as { io: (options: object) => Client };
        const client = io({ transports: ["websocket"] });
        client.on("heard", resolve).on("connect_error", reject);
        client.emit("say", "hello");
      }),
  );
}

interface Expected {
  readonly echo: (page: Page, token: string) => Promise<string>;
  readonly answer: string;
}

const PLUGINS: Readonly<Record<string, Expected>> = {
  fastify: { echo: (page) => say(page, "/echo"), answer: "fastify: hello" },
  hono: { echo: (page) => say(page, "/echo"), answer: "hono: hello" },
  socketIo: { echo: sayBySocketIo, answer: "socket.io: hello" },
  vite: {
    echo: (page, token) => say(page, `/?token=${token}`, "vite-hmr"),
    answer: '{"type":"connected"}',
  },
  ws: { echo: (page) => say(page, "/echo"), answer: "ws: hello" },
};

describe.each(Object.entries(PLUGINS))("with the WebSockets of %s", (PLUGIN, { echo, answer }) => {
  test.each(["before", "after"])(
    "views that are attached %s them have their sockets, and they work too",
    async (ORDER) => {
      const server = await spawnServer({
        command: process.execPath,
        args: [program.path],
        env: { PLUGIN, ORDER },
        readyLine: /ready at (\S+) (\S*)/,
      });
      onTestFinished(async () => {
        server.kill("SIGKILL");
        await server.exited;
      });
      const [, url = "", token = ""] = server.ready;
      const page = await browser.newPage();
      onTestFinished(() => page.close());
      const opened: string[] = [];
      const closed: string[] = [];
      page.on("websocket", (socket) => {
        if (!socket.url().includes("/live/websocket")) return;
        opened.push(socket.url());
        socket.on("close", () => closed.push(socket.url()));
      });
      await page.goto(`${url}/counter`);
      await page.waitForSelector(".phx-connected");
      expect(await echo(page, token)).toBe(answer);
      await page.getByRole("button", { name: "Increment" }).click();
      await page.waitForFunction(() => document.querySelector("#count")?.textContent === "1");
      // One socket, which no other handler has answered too.
      expect([opened.length, closed.length]).toEqual([1, 0]);
    },
  );
});

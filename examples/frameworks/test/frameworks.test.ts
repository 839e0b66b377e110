import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import {
  bundleProgram,
  type BundledProgram,
  freePort,
  spawnServer,
  startChromium,
  startTcpProxy,
} from "@live-stash/test-servers";
import { startExpress } from "../src/express.ts";
import { startFastify } from "../src/fastify.ts";
import { startHono } from "../src/hono.ts";

let browser: Browser;
let program: BundledProgram;
beforeAll(async () => {
  [browser, program] = await Promise.all([
    startChromium(),
    bundleProgram(new URL("../src/main.ts", import.meta.url)),
  ]);
});
afterAll(() => Promise.all([browser.close(), program.close()]));

describe.each<[string, (port: number) => Promise<Server>]>([
  ["express", startExpress],
  ["fastify", startFastify],
  ["hono", startHono],
])("%s", (name, start) => {
  test("serves views beside its own routes, and their state comes back", async () => {
    const server = await start(0);
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    const { port } = server.address() as AddressInfo;
    const proxy = await startTcpProxy({ targetPort: port });
    onTestFinished(() => proxy.close());
    const base = `http://127.0.0.1:${proxy.port}`;
    expect(await (await fetch(`${base}/hello`)).text()).toBe(`hello from ${name}`);
    expect((await fetch(`${base}/nowhere`)).status).toBe(404);

    const counter = await fetch(`${base}/counter`);
    // The header that the framework's own hooks or middleware set for every page.
    expect(counter.headers.get("x-frame-options")).toBe("SAMEORIGIN");
    expect(counter.headers.get("cache-control")).toBe("no-store");
    expect(counter.headers.getSetCookie()).toHaveLength(1);
    const head = await fetch(`${base}/counter`, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);

    const page = await browser.newPage();
    await page.goto(`${base}/counter`);
    await page.waitForSelector(".phx-connected");
    await page.getByRole("button", { name: "Increment" }).click();
    await page.waitForFunction(() => document.querySelector("#count")?.textContent === "1");
    const reconnected = page.waitForEvent("websocket");
    proxy.cut();
    await reconnected;
    await page.waitForSelector("[data-phx-main]:not(.phx-loading).phx-connected");
    expect(await page.textContent("#count")).toBe("1");
    await page.close();
  });

  test.each(["SIGTERM", "SIGINT"] as const)(
    "ends by itself on %s, with a page connected",
    async (signal) => {
      const server = await spawnServer({
        command: process.execPath,
        args: [program.path, name],
        env: { PORT: String(await freePort()) },
        readyLine: /ready at (\S+)/,
      });
      onTestFinished(() => server.kill("SIGKILL"));
      const page = await browser.newPage();
      onTestFinished(() => page.close());
      await page.goto(server.ready[1] ?? "");
      await page.waitForSelector(".phx-connected");
      server.kill(signal);
      expect(await server.exited).toEqual({ code: 0, signal: null });
    },
  );
});

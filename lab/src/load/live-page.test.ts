import { createLiveServer, live } from "@live-stash/live-view";
import { createBrowserHeldAdapter } from "live-stash";
import { expect, onTestFinished, test } from "vitest";
import { benchView } from "../app/bench-view.ts";
import { createFaultInjection } from "../app/fault.ts";
import { withLiveStash } from "../app/stashing.ts";
import { LivePage } from "./live-page.ts";
import { loadPage, type LoadedPage } from "./load-page.ts";

const LOCAL_ADDRESS = "127.0.0.1";
const TIMEOUT_MS = 10_000;

async function open(): Promise<LoadedPage> {
  const adapter = createBrowserHeldAdapter({ securityMode: "encrypt" });
  const view = benchView(
    "browser",
    withLiveStash(adapter, 60_000),
    createFaultInjection(undefined),
  );
  const server = createLiveServer({ routes: [live("/page", view)], secret: "s".repeat(32) });
  const { url, close } = await server.listen({ port: 0, handleSignals: false });
  onTestFinished(() => close());
  return loadPage(`${url}/page`, LOCAL_ADDRESS, TIMEOUT_MS);
}

test("a page keeps its token over a lost connection, as a browser does", async () => {
  const loaded = await open();
  expect(loaded.card).toMatchObject({ status: "new", count: 0 });
  const page = new LivePage(loaded, LOCAL_ADDRESS);
  onTestFinished(() => page.lose());
  await page.connect();
  expect(page.tokenCharacters()).toBe(0);
  await page.click("stash");
  page.heartbeat();
  await page.click("stash");
  expect(page.card()).toMatchObject({ status: "new", count: 2 });
  expect(page.tokenCharacters()).toBeGreaterThan(400);

  page.lose();
  expect(page.card()).toBeUndefined();
  await page.connect();
  expect(page.card()).toMatchObject({ status: "recovered", count: 2, size: 128 });
});

test("a step fails if it is given up or if the server rejects it", async () => {
  const loaded = await open();
  const page = new LivePage(loaded, LOCAL_ADDRESS);
  onTestFinished(() => page.lose());
  const connecting = page.connect();
  page.giveUp("timeout");
  await expect(connecting).rejects.toThrow("timeout");
  page.lose();

  const stranger = new LivePage({ ...loaded, session: "forged" }, LOCAL_ADDRESS);
  onTestFinished(() => stranger.lose());
  await expect(stranger.connect()).rejects.toThrow(/^refused: "stale/);
  await expect(loadPage(`${loaded.url}/none`, LOCAL_ADDRESS, TIMEOUT_MS)).rejects.toThrow(
    "status 404",
  );
});

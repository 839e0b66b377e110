import { initLiveStash } from "@live-stash/browser";
import { createLiveServer, live } from "@live-stash/live-view";
import { createTestClient, type TestPage } from "@live-stash/live-view/testing";
import { createMemoryAdapter } from "live-stash";
import { expect, test } from "vitest";
import { benchView } from "./bench-view.ts";
import { createFaultInjection } from "./fault.ts";
import { type Stashing, withLiveStash } from "./stashing.ts";

/** Reads the card as another load generator would. */
const CARD =
  /<section id="card" data-status="([^"]*)" data-count="(\d+)" data-size="(\d+)" data-probe="([^"]*)">/;

const card = (page: TestPage): string[] => CARD.exec(page.html)?.slice(1) ?? [];

function visit(name: "baseline" | "memory", stashing: Stashing | undefined): Promise<TestPage> {
  const view = benchView(name, stashing, createFaultInjection(undefined));
  const server = createLiveServer({ routes: [live("/", view)], secret: "s".repeat(32) });
  const params = (window: EventTarget) => initLiveStash({}, { window });
  return createTestClient(server, { params }).visit("/");
}

test("a page with a stash shows its card again, with its content, after a reconnect", async () => {
  const page = await visit("memory", withLiveStash(createMemoryAdapter(), 60_000));
  expect(card(page)).toEqual(["new", "0", "128", "value-0007-lorem-ipsum-c0"]);
  await page.click("button");
  await page.click("button");
  expect(card(page)).toEqual(["new", "2", "128", "value-0007-lorem-ipsum-c2"]);
  await page.disconnect();
  await page.reconnect();
  expect(card(page)).toEqual(["recovered", "2", "128", "value-0007-lorem-ipsum-c2"]);
});

test("the baseline's page is the same, but starts anew after a reconnect", async () => {
  const page = await visit("baseline", undefined);
  await page.click("button");
  expect(card(page)).toEqual(["new", "1", "128", "value-0007-lorem-ipsum-c1"]);
  await page.disconnect();
  await page.reconnect();
  expect(card(page)).toEqual(["new", "0", "128", "value-0007-lorem-ipsum-c0"]);
  const bytes = Buffer.byteLength(page.html);
  expect(bytes).toBeGreaterThan(1_900);
  expect(bytes).toBeLessThan(2_300);
});

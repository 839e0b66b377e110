import { describe, expect, test } from "vitest";
import { initLiveStash } from "@live-stash/browser";
import { createLiveServer, live } from "@live-stash/live-view";
import { createTestClient, type TestPage } from "@live-stash/live-view/testing";
import { createMemoryAdapter } from "live-stash";
import { testCounter } from "../src/views/test-counter.ts";
import { openPage } from "./open-page.ts";

/** The page, and a way to have its store see time pass. */
async function openCounter(query = ""): Promise<{ page: TestPage; advance: (ms: number) => void }> {
  let aheadMs = 0;
  const adapter = createMemoryAdapter({ clock: { now: () => Date.now() + aheadMs } });
  const server = createLiveServer({
    secret: "only for these tests, and long enough",
    routes: [live("/test/counter/memory", testCounter("memory", adapter))],
  });
  const client = createTestClient(server, { params: (window) => initLiveStash({}, { window }) });
  const page = await client.visit(`/test/counter/memory${query}`);
  return { page, advance: (ms) => (aheadMs += ms) };
}

const press = (page: TestPage, name: string) => page.click("button", { text: name });

async function away(page: TestPage, passMs: () => void): Promise<void> {
  await page.disconnect();
  passMs();
  await page.connect();
}

test("a page whose service is not there says what to set", async () => {
  const { page } = await openPage("/test/counter/redis");
  expect(page.text("main")).toContain("REDIS_URL=redis://");
});

test("has the heading, the count and the buttons that outside tests look for", async () => {
  const { page } = await openCounter();
  expect(page.text("h1")).toBe("Counter");
  await press(page, "Increment");
  await press(page, "Increment");
  await press(page, "Decrement");
  expect(page.text(".stat-value")).toBe("1");
  expect(page.text(".stashed")).toBe("saved");
  await page.reconnect();
  expect(page.text(".stat-value")).toBe("1");
  expect(page.text(".status")).toBe("recovered");
});

test("Add Zero stashes, so that a page that never counted recovers", async () => {
  const { page } = await openCounter();
  await press(page, "Add Zero");
  await page.reconnect();
  expect(page.text(".status")).toBe("recovered");
});

test("Reset Stash leaves the count and forgets the stash", async () => {
  const { page } = await openCounter();
  await press(page, "Increment");
  await press(page, "Reset Stash");
  expect(page.text(".stat-value")).toBe("1");
  await page.reconnect();
  expect(page.text(".stat-value")).toBe("0");
  expect(page.text(".status")).toBe("not_found");
  expect(page.text(".reason")).toBe("absent");
});

describe("the TTL", () => {
  test("is one second", async () => {
    const { page, advance } = await openCounter();
    await press(page, "Increment");
    await away(page, () => advance(1000));
    expect(page.text(".status")).toBe("not_found");
  });

  test("is what the query says", async () => {
    const { page, advance } = await openCounter("?ttlMs=60000");
    await press(page, "Increment");
    await away(page, () => advance(30_000));
    expect(page.text(".status")).toBe("recovered");
    await away(page, () => advance(60_000));
    expect(page.text(".status")).toBe("not_found");
  });

  test.each(["0", "-5", "1.5", "soon", ""])(
    "is one second where the query says %j",
    async (ttl) => {
      const { page, advance } = await openCounter(`?ttlMs=${ttl}`);
      await press(page, "Increment");
      await away(page, () => advance(1000));
      expect(page.text(".status")).toBe("not_found");
    },
  );
});

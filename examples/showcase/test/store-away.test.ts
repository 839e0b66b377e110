import type { TestPage } from "@live-stash/live-view/testing";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { ADAPTER_NAMES, type AdapterName } from "../src/adapters.ts";
import { startServices, type ClusterServices } from "../src/cluster/cluster-services.ts";
import { openPage, type OpenPage } from "./open-page.ts";

const count = (page: TestPage): string => page.text(".count");
const press = (page: TestPage, text: string) => page.click("button", { text });

let services: readonly ClusterServices[];
let env: Readonly<Record<string, string>>;
let opened: OpenPage[] = [];

beforeAll(async () => {
  services = await Promise.all(ADAPTER_NAMES.map((name) => startServices(name)));
  env = Object.assign({}, ...services.map((service) => service.env)) as typeof env;
});

afterEach(async () => {
  await Promise.all(opened.map((page) => page.close()));
  opened = [];
});

afterAll(() => Promise.all(services.map((service) => service.close())));

async function open(path: string, adapter: AdapterName = "memory"): Promise<OpenPage> {
  const page = await openPage(path, () => {}, { ...env, SHOWCASE_ADAPTER: adapter });
  opened.push(page);
  return page;
}

/** A page that has counted to two, and whose store is away. */
async function openAndTakeAway(path: string, adapter: AdapterName): Promise<OpenPage> {
  const opened = await open(path, adapter);
  const { page, outage } = opened;
  await press(page, "One more");
  await press(page, "One more");
  await press(page, "Away for 15 s");
  await page.waitFor(() => page.text(".store-state") === "Away for 15 s");
  expect(outage.current).toMatchObject({ durationMs: 15_000 });
  return opened;
}

describe.each(ADAPTER_NAMES)("with the adapter %s", (adapter) => {
  test("a page that waits keeps what it shows, and is back when the store is", async () => {
    const { page, outage } = await openAndTakeAway("/store-away", adapter);

    await page.reconnect();
    expect(page.crashed).toBe(true);
    expect(page.joinError).toEqual({});
    await page.rejoin();
    expect(page.crashed).toBe(true);
    expect(count(page)).toBe("2");

    outage.end();
    // On a busy machine the store may still be slow, and the client joins again as often as it takes.
    await vi.waitFor(async () => {
      await page.rejoin();
      expect(page.crashed).toBe(false);
    });
    expect(count(page)).toBe("2");
    expect(page.text("[data-fact=status]")).toBe("recovered");
    expect(page.text(".store-state")).toBe("Here");
  });

  test("a page that goes on looks for its state, which comes in by itself", async () => {
    const { page, outage } = await openAndTakeAway("/store-away/continue", adapter);

    await page.reconnect();
    expect(count(page)).toBe("0");
    expect(page.text(".notice")).toContain("Looking for your earlier work");
    expect(page.text("[data-fact=status]")).toBe("pending");

    outage.end();
    await page.waitFor(() => page.text(".notice").includes("Your earlier work is back"));
    expect(count(page)).toBe("2");
    expect(page.text("[data-fact=status]")).toBe("recovered");

    await press(page, "One more");
    await page.reconnect();
    expect(count(page)).toBe("3");
  });

  describe("a page that was changed meanwhile has its state kept aside", () => {
    async function openWithStateAside(): Promise<TestPage> {
      const { page, outage } = await openAndTakeAway("/store-away/continue", adapter);
      await page.reconnect();
      await press(page, "One more");
      expect(page.text(".log li:first-child span")).toBe("Not saved: recovery_pending");
      outage.end();
      await page.waitFor(() => page.text(".notice").includes("kept aside"));
      expect(count(page)).toBe("1");
      return page;
    }

    test("and can take it", async () => {
      const page = await openWithStateAside();

      await press(page, "Take it");

      expect(count(page)).toBe("2");
      expect(page.html).not.toContain("Take it");
      await page.reconnect();
      expect(count(page)).toBe("2");
    });

    test("or delete it, and what it shows is saved", async () => {
      const page = await openWithStateAside();

      await press(page, "Delete it");

      expect(count(page)).toBe("1");
      expect(page.html).not.toContain("Delete it");
      await page.reconnect();
      expect(count(page)).toBe("1");
      expect(page.text("[data-fact=status]")).toBe("recovered");
    });
  });
});

test("what cannot be saved while the store is away is saved once it is back", async () => {
  const { page, outage } = await openAndTakeAway("/store-away", "memory");

  await press(page, "One more");
  expect(page.text(".log li:first-child span")).toBe("Not saved: adapter_unavailable");
  outage.end();
  await page.reconnect();

  expect(count(page)).toBe("3");
});

test("anybody on the page can bring the store back, and everybody sees it", async () => {
  const { page } = await openAndTakeAway("/store-away", "memory");

  await press(page, "Bring the store back");

  await page.waitFor(() => page.text(".store-state") === "Here");
  expect(page.html).toContain("Away for 3 s");
});

test("a time that is not offered takes nothing away", async () => {
  const { page, outage } = await open("/store-away");

  await page.pushEvent("take_away", { ms: "600000" });

  expect(outage.current).toBeUndefined();
});

test("the other pages keep their store", async () => {
  const { page, outage } = await open("/");
  outage.begin(60_000);

  await page.click("[data-side=kept] .is-primary");
  outage.end();

  expect(page.text(".log li:first-child span")).toMatch(/^Saved/);
});

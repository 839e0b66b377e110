import { startChromium } from "@live-stash/test-servers";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { HANGS_AFTER_MS, adapters } from "./adapters.ts";
import { ChromiumCounter } from "./chromium-counter.ts";
import { startTestCluster, type TestCluster } from "./test-cluster.ts";

vi.setConfig({ testTimeout: HANGS_AFTER_MS, hookTimeout: HANGS_AFTER_MS });

/** One page for each adapter. */
const counters: ChromiumCounter[] = [];
let cluster: TestCluster;
let browser: Browser;

beforeAll(async () => {
  [cluster, browser] = await Promise.all([startTestCluster(), startChromium()]);
  for (const adapter of adapters) {
    counters.push(await ChromiumCounter.open(browser, cluster.url, adapter));
  }
});

afterAll(async () => {
  await browser.close();
  await cluster.close();
});

describe("the official client in Chromium", () => {
  test.each(adapters)("with $name, goes from node to node", async ({ name }) => {
    const counter = counters.find((each) => each.adapter.name === name);
    const nodes: (string | undefined)[] = [];
    for (let times = 0; times < 3; times += 1) {
      await counter?.increment();
      await counter?.reconnect();
      await counter?.see("recovered");
      nodes.push(counter?.node);
    }
    expect(nodes[1]).not.toBe(nodes[0]);
    expect(nodes[2]).toBe(nodes[0]);
  });

  test("outlives kill -9 of its node, with every adapter that outlives nodes", async () => {
    const [victim] = cluster.nodes;
    for (const counter of counters) {
      await counter.increment();
      while (!counter.node.startsWith("1")) {
        await counter.reconnect();
        await counter.see("recovered");
        await counter.increment();
      }
    }
    await victim.kill();
    for (const counter of counters) {
      if (!counter.adapter.outlivesNode) counter.count = 0;
      await counter.see(counter.adapter.outlivesNode ? "recovered" : "not_found");
      await counter.increment();
    }
    await victim.start();
  });

  test("outlives the end of its node in good order, with every adapter", async () => {
    const [, leaving] = cluster.nodes;
    expect(counters.map(({ node }) => node.slice(0, 1))).toEqual(counters.map(() => "2"));
    await leaving.stop();
    for (const counter of counters) {
      await counter.see("recovered");
      await counter.increment();
    }
  });
});

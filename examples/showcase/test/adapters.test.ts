import { describe, expect, test } from "vitest";
import { chooseAdapter, createAdapters } from "../src/adapters.ts";
import { openPage } from "./open-page.ts";

const nothing = (): void => undefined;

describe("the adapter of the main pages", () => {
  const adapters = createAdapters({});

  test("is in memory, unless SHOWCASE_ADAPTER names another", () => {
    expect(chooseAdapter(adapters, {}).name).toBe("memory");
    expect(chooseAdapter(adapters, { SHOWCASE_ADAPTER: "browser" }).name).toBe("browser_held");
  });

  test("needs a name that there is, and its service", () => {
    expect(() => chooseAdapter(adapters, { SHOWCASE_ADAPTER: "ets" })).toThrow(
      "expected one of memory, browser, redis, nats, got ets",
    );
    expect(() => chooseAdapter(adapters, { SHOWCASE_ADAPTER: "nats" })).toThrow(
      "set NATS_URL=nats://127.0.0.1:4222",
    );
  });
});

test("a page says where its stashes are, and in a cluster which node it is on", async () => {
  const alone = await openPage("/");
  expect(alone.page.text("#restart-note")).toContain("and with it what it holds in memory");
  expect(alone.page.html).not.toContain('data-fact="node"');

  const env = { SHOWCASE_NODE: "1 (process 4711)" };
  const inCluster = await openPage("/", nothing, env);
  expect(inCluster.page.text("#restart-note")).toContain("hands over what it holds");
  expect(inCluster.page.text("[data-fact=node]")).toBe("1 (process 4711)");

  const held = await openPage("/", nothing, { ...env, SHOWCASE_ADAPTER: "browser" });
  expect(held.page.text("#restart-note")).toContain("What the page holds, the next process reads");
  expect(held.page.text("[data-fact=adapter]")).toBe("browser_held");
  expect(held.page.html).not.toContain('data-fact="memory"');
});

import type { Browser, Page } from "playwright-core";
import {
  bundleProgram,
  freePort,
  spawnServer,
  startChromium,
  startRedis,
  type BundledProgram,
  type RedisServer,
  type SpawnedServer,
} from "@live-stash/test-servers";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { connected, untilText } from "./browser-lab.ts";

const source = new URL("../../examples/showcase/src/server.ts", import.meta.url);
const OLD = "the-old-secret-of-these-tests-only-0001";
const NEW = "the-new-secret-of-these-tests-only-0002";

let browser: Browser;
let server: BundledProgram;
let port: number;
let redis: RedisServer;
let showcase: SpawnedServer | undefined;
let page: Page;

beforeAll(async () => {
  [browser, port, redis, server] = await Promise.all([
    startChromium(),
    freePort(),
    startRedis(),
    bundleProgram(source),
  ]);
});

afterAll(async () => {
  await browser.close();
  await killServer();
  await redis.close();
  await server.close();
});

beforeEach(async () => {
  page = await browser.newPage();
  return () => page.close();
});

/**
 * Starts a server process on the one port of these tests with these secrets for tokens. Without them, the
 * server generates a secret, as in development.
 */
async function startServer(secrets?: string): Promise<void> {
  await killServer();
  showcase = await spawnServer({
    command: process.execPath,
    args: [server.path],
    env: {
      PORT: String(port),
      HOST: undefined,
      LIVE_VIEW_SECRET: secrets && "a-secret-for-pages-in-these-tests-only",
      LIVE_STASH_SECRET: secrets,
      REDIS_URL: redis.url,
    },
    readyLine: /ready at/,
  });
}

/** Kills the server without warning, as the system does when memory runs out. */
async function killServer(): Promise<void> {
  showcase?.kill("SIGKILL");
  await showcase?.exited;
}

async function openCounter(adapter: string, count: number): Promise<void> {
  await page.goto(`http://127.0.0.1:${port}/test/counter/${adapter}?ttlMs=60000`);
  await connected(page);
  await page.getByRole("button", { name: "Increment" }).waitFor();
  for (let times = 1; times <= count; times += 1) await increment(times);
}

async function increment(expected: number): Promise<void> {
  await page.getByRole("button", { name: "Increment" }).click();
  await untilText(page, ".stat-value", String(expected));
}

async function expectState(count: number, status: string): Promise<void> {
  await page.waitForSelector("[data-phx-main]:not(.phx-loading).phx-connected");
  await untilText(page, ".status", status);
  await untilText(page, ".stat-value", String(count));
}

describe.each(["browser", "redis"])("with the adapter %s", (adapter) => {
  test("a state outlives its server, killed and started again", async () => {
    await startServer(OLD);
    await openCounter(adapter, 3);
    for (let count = 3; count <= 4; count += 1) {
      await startServer(OLD);
      await expectState(count, "recovered");
      await increment(count + 1);
    }
  });

  test("a state outlives a rotation of the secret, and then the old secret", async () => {
    await startServer(OLD);
    await openCounter(adapter, 3);
    await startServer(`${NEW},${OLD}`);
    await expectState(3, "recovered");
    await startServer(NEW);
    await expectState(3, "recovered");
  });

  test("a state whose secret is gone is an error, on a page that works", async () => {
    await startServer(OLD);
    await openCounter(adapter, 3);
    await startServer(NEW);
    await expectState(0, "error");
    await increment(1);
    await startServer(NEW);
    await expectState(1, "recovered");
    expect(showcase?.output()).not.toMatch(/the-(old|new)-secret|phx-|~/);
  });
});

test("an edited file costs no state: generated secrets are kept between restarts", async () => {
  await startServer();
  await openCounter("browser", 3);
  await page.evaluate(() => document.body.setAttribute("data-was-here", ""));
  await startServer();
  await expectState(3, "recovered");
  expect(await page.locator("body[data-was-here]").count()).toBe(1);
  const printed = showcase?.output() ?? "";
  expect(printed.match(/a secret of its own, kept in/g)).toHaveLength(2);
});

test("a page load asks the store nothing: it is served while Redis does not answer", async () => {
  await startServer(OLD);
  redis.pause();
  try {
    for (let count = 0; count < 20; count += 1) {
      const response = await fetch(`http://127.0.0.1:${port}/test/counter/redis`);
      expect(response.status).toBe(200);
      expect(await response.text()).toContain('class="stat-value">0<');
    }
    expect(showcase?.output()).not.toContain("adapter_timeout");
  } finally {
    redis.resume();
  }
});

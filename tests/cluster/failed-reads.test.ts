import {
  bundleProgram,
  freePort,
  spawnServer,
  startRedis,
  type BundledProgram,
  type RedisServer,
  type SpawnedServer,
} from "@live-stash/test-servers";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { HANGS_AFTER_MS } from "./adapters.ts";
import { RawUser, type RawView } from "./raw-user.ts";

vi.setConfig({ testTimeout: HANGS_AFTER_MS, hookTimeout: HANGS_AFTER_MS });

const PAGES = 20;
const COUNT = 5;

let program: BundledProgram;
let redis: RedisServer;
let server: SpawnedServer | undefined;
let url: string;

beforeAll(async () => {
  const source = new URL("./counter-server.ts", import.meta.url);
  [program, redis] = await Promise.all([bundleProgram(source), startRedis()]);
});

afterEach(async () => {
  server?.kill("SIGKILL");
  await server?.exited;
});

afterAll(async () => {
  await redis.close();
  await program.close();
});

async function start(env: Readonly<Record<string, string>>): Promise<void> {
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  server = await spawnServer({
    command: process.execPath,
    args: [program.path],
    env: {
      LIVE_VIEW_SECRET: "a-secret-for-pages-in-these-tests-only",
      LIVE_STASH_SECRET: "a-secret-for-stashes-in-these-tests-only",
      REDIS_URL: redis.url,
      PORT: String(port),
      ...env,
    },
    readyLine: /ready at/,
    readyTimeoutMs: HANGS_AFTER_MS,
  });
}

interface Page {
  readonly user: RawUser;
  view: RawView;
}

/** Opens pages whose count is acknowledged. */
async function openPages(): Promise<Page[]> {
  const users = await Promise.all(Array.from({ length: PAGES }, () => RawUser.load(url, "/")));
  return Promise.all(
    users.map(async (user) => {
      const view = await user.connect(url);
      for (let count = 1; count <= COUNT; count += 1) {
        await view.add();
        expect([view.count, view.stashed]).toEqual([
          count,
          expect.stringMatching(/saved|unchanged/),
        ]);
      }
      return { user, view };
    }),
  );
}

const lose = (pages: readonly Page[]): Promise<unknown> =>
  Promise.all(pages.map(({ view }) => view.lose()));

/** Checks that all pages reconnect with their whole state. */
async function expectAllBack(pages: readonly Page[], onPending?: () => void): Promise<void> {
  await Promise.all(
    pages.map(async (page) => (page.view = await page.user.connect(url, onPending))),
  );
  expect(pages.map(({ view }) => [view.status, view.count])).toEqual(
    pages.map(() => ["recovered", COUNT]),
  );
}

describe.each([
  ["explicit stash()", "0"],
  ["autoStash, without a click", "1"],
])("Redis hangs while pages reconnect (%s)", (_, AUTO_STASH) => {
  test("for less than recoverWithinMs: they come back a little later, with all that was acknowledged", async () => {
    await start({ AUTO_STASH });
    const pages = await openPages();
    redis.pause();
    await lose(pages);
    const back = expectAllBack(pages);
    // Every page has asked Redis without an answer, and asks again.
    await server?.untilLine(new RegExp(`^load ${2 * PAGES}$`, "m"));
    redis.resume();
    await back;

    await lose(pages);
    await expectAllBack(pages);
  });

  test("for longer: they join again until it answers, and nothing takes the place of their stashes", async () => {
    await start({ AUTO_STASH, RECOVER_WITHIN_MS: "200" });
    const pages = await openPages();
    redis.pause();
    await lose(pages);
    let pending = 0;
    let back: Promise<void> | undefined;
    await new Promise<void>((resolve) => {
      back = expectAllBack(pages, () => {
        pending += 1;
        if (pending === 2 * PAGES) resolve();
      });
    });
    redis.resume();
    await back;

    await lose(pages);
    await expectAllBack(pages);
  });
});

test("a handler blocks the process while pages join: a healthy Redis is not blamed, and nothing is lost", async () => {
  await start({});
  for (let round = 0; round < 3; round += 1) {
    const pages = await openPages();
    const blocking = await (await RawUser.load(url, "/")).connect(url);
    await lose(pages);
    const back = expectAllBack(pages);
    const blocked = blocking.push("block", { ms: "1500" });
    await back;
    await blocked;

    for (const { view } of pages) await view.add();
    expect(pages.map(({ view }) => view.count)).toEqual(pages.map(() => COUNT + 1));
    await lose([...pages, { view: blocking }] as Page[]);
  }
});

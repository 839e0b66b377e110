import { once } from "node:events";
import { connect } from "node:net";
import {
  bundleProgram,
  spawnServer,
  startNats,
  startRedis,
  type BundledProgram,
  type SpawnedServer,
} from "@live-stash/test-servers";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { RawUser, type RawView } from "./raw-user.ts";

let program: BundledProgram;
const storeUrls = new Map<string, string>();
const closings: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const [bundled, redis, nats] = await Promise.all([
    bundleProgram(new URL("./shutdown-node.ts", import.meta.url)),
    startRedis(),
    startNats(),
  ]);
  program = bundled;
  storeUrls.set("redis", redis.url).set("nats", nats.url).set("peers", `shutdown-${process.pid}`);
  closings.push(
    () => redis.close(),
    () => nats.close(),
    () => program.close(),
  );
});
afterAll(() => Promise.all(closings.map((close) => close())));

const openView = async (url: string, path: string): Promise<RawView> =>
  (await RawUser.load(url, path)).connect(url);

async function startNode(env: Record<string, string>): Promise<SpawnedServer & { url: string }> {
  const node = await spawnServer({
    command: process.execPath,
    args: [program.path],
    env: {
      LIVE_VIEW_SECRET: "a-secret-for-pages-in-these-tests-only",
      LIVE_STASH_SECRET: "a-secret-for-stashes-in-these-tests-only",
      STORE_URL: storeUrls.get(env.STASH ?? "") ?? "",
      ...env,
    },
    readyLine: /ready at (\S+)/,
  });
  onTestFinished(() => node.kill("SIGKILL"));
  return { ...node, url: node.ready[1] ?? "" };
}

describe.each(["listen", "own"])("a process with a server of %s", (SERVER) => {
  test.each([
    ["memory", "SIGTERM"],
    ["peers", "SIGINT"],
    ["browser", "SIGTERM"],
    ["redis", "SIGTERM"],
    ["nats", "SIGTERM"],
  ] as const)("ends by itself with the adapter %s on %s, views first", async (STASH, signal) => {
    const node = await startNode({ STASH, SERVER });
    const views = await Promise.all(["/", "/two"].map((path) => openView(node.url, path)));
    for (const view of views) await view.add();
    // A connection without a request must not delay the shutdown.
    const idle = connect(Number(new URL(node.url).port), "127.0.0.1");
    await once(idle, "connect");
    node.kill(signal);
    for (const view of views) expect(await view.closed).toBe(1012);
    expect(await node.exited).toEqual({ code: 0, signal: null });
    idle.destroy();
    expect(node.output()).not.toMatch(/error|failed|closed/i);
  });
});

test("what was stashed is handed over to another node before a node of memory with peers ends", async () => {
  const [old, next] = await Promise.all([
    startNode({ STASH: "peers" }),
    startNode({ STASH: "peers" }),
  ]);
  const user = await RawUser.load(old.url, "/");
  await (await user.connect(old.url)).add();
  old.kill("SIGTERM");
  expect(await old.exited).toEqual({ code: 0, signal: null });
  expect((await user.connect(next.url)).count).toBe(1);
});

test("a store that is frozen does not keep the process from ending", async () => {
  const redis = await startRedis();
  onTestFinished(() => redis.close());
  const node = await startNode({ STASH: "redis", STORE_URL: redis.url });
  await (await openView(node.url, "/")).add();
  redis.pause();
  node.kill("SIGTERM");
  expect(await node.exited).toEqual({ code: 0, signal: null });
});

test("a second signal ends the process at once", async () => {
  const node = await startNode({ STASH: "memory" });
  const answer = fetch(`${node.url}/hangs`).then(
    () => "answered",
    () => "cut off",
  );
  await node.untilLine(/asked/);
  const view = await openView(node.url, "/");
  node.kill("SIGTERM");
  // The process stops, and waits for the answer.
  expect(await view.closed).toBe(1012);
  node.kill("SIGTERM");
  expect(await node.exited).toEqual({ code: null, signal: "SIGTERM" });
  expect(await answer).toBe("cut off");
});

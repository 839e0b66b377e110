import { initLiveStash } from "@live-stash/browser";
import { createLiveServer, html, live, liveView } from "@live-stash/live-view";
import { createTestClient, type TestPage } from "@live-stash/live-view/testing";
import { startTcpProxy } from "@live-stash/test-servers";
import {
  liveStash,
  type RecoverResult,
  recoverState,
  stash,
  type StashError,
  type StashResult,
} from "live-stash";
import { CHANNELS, type OperationEvent } from "live-stash/diagnostics";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { expect, onTestFinished, test, vi } from "vitest";
import { createRedisAdapter } from "../src/index.ts";
import { createCloser } from "../../stash-contract/test/create-closer.ts";
import { useRedisLab } from "./redis-lab.ts";

const SECRET = "a secret of the tests, not of an application";
const VIEWS = 200;
/** The time for which Redis is paused at least: ten seconds with `LIVE_STASH_LONG=1`. */
const PAUSE_MS = process.env["LIVE_STASH_LONG"] === "1" ? 10_000 : 0;

const openLab = useRedisLab();
const willClose = createCloser();

interface Counter {
  count: number;
  last: StashResult["status"] | "none";
  mounted: RecoverResult["status"];
}

async function openCounters() {
  const { redis } = await openLab();
  const network = await startTcpProxy({ targetPort: redis.port });
  willClose(network, () => network.close());
  const adapter = createRedisAdapter({
    url: `redis://127.0.0.1:${network.port}`,
    timeoutMs: 200,
  });
  willClose(adapter, () => adapter.close());
  const errors: StashError[] = [];
  const counter = liveView<Counter>({
    name: "counter",
    use: [
      liveStash({
        storedKeys: ["count"],
        adapter,
        secret: SECRET,
        onError: (error) => errors.push(error),
      }),
    ],
    async mount(socket) {
      socket.assign({ count: 0, last: "none" });
      socket.assign({ mounted: (await recoverState(socket)).status });
    },
    handleEvent: {
      async increment(socket) {
        socket.assign({ count: socket.assigns.count + 1 });
        socket.assign({ last: (await stash(socket)).status });
      },
    },
    render: ({ count, last, mounted }) =>
      html`<output>${count}</output> <em>${last}</em> <b>${mounted}</b>`,
  });
  const client = createTestClient(
    createLiveServer({ routes: [live("/", counter)], secret: SECRET }),
    {
      params: (window) => initLiveStash({}, { window }),
    },
  );
  return { redis, network, client, errors };
}

/** Counts the stashes that are saved after this call. */
function countSaved(): () => number {
  let count = 0;
  const listen = (event: unknown): void => {
    const { operation, status } = event as OperationEvent;
    if (operation === "stash" && status === "saved") count += 1;
  };
  subscribe(CHANNELS.operation, listen);
  onTestFinished(() => void unsubscribe(CHANNELS.operation, listen));
  return () => count;
}

test(
  "200 active views go on while Redis is paused, and their states are saved afterwards",
  { timeout: 120_000 },
  async () => {
    const { redis, client, errors } = await openCounters();
    // The first visit creates the session that all pages share.
    await client.visit("/", { connect: false });
    const pages = await Promise.all(Array.from({ length: VIEWS }, () => client.visit("/")));
    const all = (act: (page: TestPage) => Promise<unknown>): Promise<unknown> =>
      Promise.all(pages.map(act));
    await all((page) => page.pushEvent("increment"));
    expect(pages.map((page) => page.text("em"))).toEqual(pages.map(() => "saved"));

    const saved = countSaved();
    redis.pause();
    const pausedAtMs = performance.now();
    let events = 1;
    do {
      await all((page) => page.pushEvent("increment"));
      events += 1;
    } while (events < 4 || performance.now() - pausedAtMs < PAUSE_MS);
    expect(pages.map((page) => page.text("output"))).toEqual(pages.map(() => String(events)));
    expect(pages.map((page) => page.text("em"))).toEqual(pages.map(() => "error"));
    const codes = new Set(errors.map(({ code }) => code));
    expect([...codes].filter((code) => !/^adapter_(timeout|unavailable)$/.test(code))).toEqual([]);
    expect(errors).toHaveLength(VIEWS * (events - 1));

    // No view stashes again: the background retries save the states.
    redis.resume();
    await vi.waitFor(() => expect(saved()).toBe(VIEWS), { timeout: 60_000 });
    // A load that timed out on a busy machine loses nothing: the next load succeeds.
    for (const page of pages) {
      await vi.waitFor(
        async () => {
          await page.reconnect();
          expect(page.text("b")).not.toBe("error");
        },
        { timeout: 60_000 },
      );
    }
    expect(pages.map((page) => page.text("b"))).toEqual(pages.map(() => "recovered"));
    expect(pages.map((page) => page.text("output"))).toEqual(pages.map(() => String(events)));
  },
);

test("a page is rendered without Redis, so a paused Redis does not matter", async () => {
  const { redis, network, client } = await openCounters();
  redis.pause();

  const page = await client.visit("/", { connect: false });
  expect(page.text("output")).toBe("0");
  await client.visit("/");
  expect(network.connections).toBe(0);
});

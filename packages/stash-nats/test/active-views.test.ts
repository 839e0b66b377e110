import { initLiveStash } from "@live-stash/browser";
import { createLiveServer, html, live, liveView } from "@live-stash/live-view";
import { createTestClient, type TestPage } from "@live-stash/live-view/testing";
import { type NatsCluster, startNatsCluster } from "@live-stash/test-servers";
import {
  liveStash,
  type RecoverResult,
  recoverState,
  stash,
  type StashError,
  type StashResult,
} from "live-stash";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createNatsAdapter } from "../src/index.ts";
import { createCloser } from "../../stash-contract/test/create-closer.ts";

const SECRET = "a secret of the tests, not of an application";
const VIEWS = 200;

const willClose = createCloser();

interface Counter {
  count: number;
  last: StashResult["status"] | "none";
  mounted: RecoverResult["status"];
}

let cluster: NatsCluster;
beforeAll(async () => {
  cluster = await startNatsCluster();
});
afterAll(() => cluster.close());

async function openCounters() {
  const adapter = createNatsAdapter({ servers: cluster.urls, replicas: 3, timeoutMs: 2_000 });
  willClose(adapter, () => adapter.close());
  const errors: StashError[] = [];
  const counter = liveView<Counter>({
    name: "counter",
    use: [
      liveStash({
        storedKeys: ["count"],
        adapter,
        secret: SECRET,
        timeoutMs: 3_000,
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
      async save(socket) {
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
  return { adapter, client, errors };
}

test(
  "when servers are killed one by one under 200 active views, events still work, and all views recover",
  { timeout: 180_000 },
  async () => {
    const { adapter, client, errors } = await openCounters();
    await adapter.connect();
    // The first visit starts the session that all pages share.
    await client.visit("/", { connect: false });
    const pages = await Promise.all(Array.from({ length: VIEWS }, () => client.visit("/")));
    const all = (act: (page: TestPage) => Promise<unknown>): Promise<unknown> =>
      Promise.all(pages.map(act));
    await all((page) => page.pushEvent("increment"));
    expect(pages.map((page) => page.text("em"))).toEqual(pages.map(() => "saved"));

    const events = 4;
    for (let event = 2; event <= events; event += 1) {
      const pushed = all((page) => page.pushEvent("increment"));
      await cluster.servers[event % 3]?.stop("SIGKILL");
      await pushed;
      await cluster.servers[event % 3]?.start();
      await all((page) =>
        vi.waitFor(
          async () => {
            await page.pushEvent("save");
            expect(page.text("em")).toMatch(/saved|unchanged/);
          },
          { timeout: 60_000 },
        ),
      );
    }
    expect(pages.map((page) => page.text("output"))).toEqual(pages.map(() => String(events)));
    const codes = new Set(errors.map(({ code }) => code));
    expect([...codes].filter((code) => !/^adapter_(timeout|unavailable)$/.test(code))).toEqual([]);
    // On a busy machine a load may time out. It changes nothing, so the page reconnects and loads again.
    await all((page) =>
      vi.waitFor(
        async () => {
          await page.reconnect();
          expect(page.text("b")).not.toBe("error");
        },
        { timeout: 60_000 },
      ),
    );
    expect(pages.map((page) => page.text("b"))).toEqual(pages.map(() => "recovered"));
    expect(pages.map((page) => page.text("output"))).toEqual(pages.map(() => String(events)));
  },
);

test("a page render without a socket opens no NATS connection", async () => {
  const { adapter, client } = await openCounters();
  const page = await client.visit("/", { connect: false });
  expect(page.text("output")).toBe("0");
  await client.visit("/");
  expect(adapter.figures().isConnected).toBe(false);
});

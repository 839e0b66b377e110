// k6's script implements LiveView's wire format itself. Here it reads the frames of a real server.
import { once } from "node:events";
import { createLiveServer, live } from "@live-stash/live-view";
import { createMemoryAdapter } from "live-stash";
import { expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { holdAfter, mergeTree, printTree, readCard, readHead } from "../k6/page.js";
import { benchView } from "../src/app/bench-view.ts";
import { createFaultInjection } from "../src/app/fault.ts";
import { withLiveStash } from "../src/app/stashing.ts";

type Tree = Record<string, unknown>;
interface Reply {
  readonly status: string;
  readonly response: { readonly rendered?: Tree; readonly diff?: Tree };
}

test("k6's page joins a running node, stashes, and recovers with its token", async () => {
  const stashing = withLiveStash(createMemoryAdapter(), 60_000);
  const view = benchView("memory", stashing, createFaultInjection(undefined));
  const server = createLiveServer({ routes: [live("/", view)], secret: "s".repeat(32) });
  const { url, close } = await server.listen({ port: 0, handleSignals: false });
  onTestFinished(() => close());

  const response = await fetch(url);
  const cookie = response.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const head = readHead(await response.text());
  if (head === undefined) throw new Error("The page has no view.");

  const open = async (): Promise<(frame: unknown[]) => Promise<Reply>> => {
    const query = `_csrf_token=${encodeURIComponent(head.csrfToken)}&vsn=2.0.0`;
    const socket = new WebSocket(`${url.replace("http", "ws")}/live/websocket?${query}`, {
      headers: { cookie },
      origin: url,
    });
    onTestFinished(() => socket.terminate());
    await once(socket, "open");
    return async (frame) => {
      const answered = once(socket, "message");
      socket.send(JSON.stringify(frame));
      const [data] = (await answered) as [Buffer];
      return (JSON.parse(data.toString()) as unknown[])[4] as Reply;
    };
  };
  const topic = `lv:${head.id}`;
  const joinWith = (params: object): unknown[] => {
    const { session, staticToken } = head;
    return ["1", "1", topic, "phx_join", { url, params, session, static: staticToken }];
  };
  const base = { _csrf_token: head.csrfToken };

  const first = await open();
  let tree = (await first(joinWith({ ...base, _mounts: 0 }))).response.rendered ?? {};
  // The reply to the join has the next stash's token, so the reply to the stash need not repeat it.
  let token = holdAfter(undefined, tree.e);
  expect(token).toEqual(expect.any(String));
  expect(readCard(printTree(tree))).toMatchObject({ status: "new", count: 0, size: 128 });
  const click = { type: "click", event: "stash", value: {} };
  const { diff = {} } = (await first(["1", "2", topic, "event", click])).response;
  tree = mergeTree(tree, diff);
  token = holdAfter(token, diff.e);
  expect(readCard(printTree(tree))).toEqual({
    status: "new",
    count: 1,
    size: 128,
    probe: "value-0007-lorem-ipsum-c1",
  });

  const second = await open();
  const again = await second(joinWith({ ...base, _mounts: 1, _live_stash: token }));
  expect(readCard(printTree(again.response.rendered))).toEqual({
    status: "recovered",
    count: 1,
    size: 128,
    probe: "value-0007-lorem-ipsum-c1",
  });
});

test("a hold event extends a token's expiry, or drops the token", () => {
  expect(holdAfter("sealed~old", [["live-stash:hold", { v: "a", r: "new" }]])).toBe("sealed~new");
  expect(holdAfter(undefined, [["live-stash:hold", { v: "a", r: "new" }]])).toBeUndefined();
  expect(holdAfter("sealed", [["live-stash:hold", { v: "a", h: null }]])).toBeUndefined();
  expect(holdAfter("sealed", [["other", { h: "x" }]])).toBe("sealed");
});

test("the last of several hold events in a frame is applied, and malformed ones are ignored", () => {
  const several = [
    ["live-stash:hold", { v: "a", h: "first~1" }],
    ["other", {}],
    ["live-stash:hold", { v: "a", h: "second~1" }],
    ["live-stash:hold", { v: "a", r: "2" }],
  ];
  expect(holdAfter("before", several)).toBe("second~2");
  expect(holdAfter("before", [...several, ["live-stash:hold", { v: "a", h: null }]])).toBe(
    undefined,
  );
  for (const detail of [undefined, null, {}, { h: "b" }, { v: 1, h: "b" }, { v: "a", h: 1 }]) {
    expect(holdAfter("sealed", [["live-stash:hold", detail]])).toBe("sealed");
  }
});

import { connect } from "node:net";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { loadPage, RawClient, type LoadedPage } from "./raw-client.ts";
import { startTestServer, type TestServer } from "./test-server.ts";

/** Starts a server with one well-behaved page, which other clients must not affect. */
async function withBystander(limits = {}): Promise<{
  server: TestServer;
  page: LoadedPage;
  bystander: RawClient;
  stillWorks: () => Promise<void>;
}> {
  const server = await startTestServer({ limits });
  const page = await loadPage(server.url);
  const bystander = await RawClient.openFor(page);
  bystander.join(page, "1");
  expect((await bystander.reply("1")).status).toBe("ok");
  let count = 0;
  return {
    server,
    page,
    bystander,
    async stillWorks() {
      count += 1;
      const ref = `b${count}`;
      bystander.send([
        "1",
        ref,
        `lv:${page.id}`,
        "event",
        { type: "click", event: "increment", value: {} },
      ]);
      expect(await bystander.reply(ref)).toEqual({
        status: "ok",
        response: { diff: { "0": String(count) } },
      });
    },
  };
}

describe("a malformed frame", () => {
  test.each([
    ["not JSON", "hello"],
    ["an object", "{}"],
    ["too short", '["1","1","lv:x","phx_join"]'],
    ["a numeric ref", '["1",1,"lv:x","event",{}]'],
    ["a numeric join_ref", '[1,"1","lv:x","event",{}]'],
    ["two documents", '["1","1","lv:x","event",{}]["1","2","lv:x","event",{}]'],
  ])("that is %s closes its socket with 1007 bad_frame", async (_, text) => {
    const { page, stillWorks } = await withBystander();
    const client = await RawClient.openFor(page);
    client.send(text);
    expect(await client.untilClosed()).toEqual({ code: 1007, reason: "bad_frame" });
    await stillWorks();
  });

  test("that is binary closes its socket with 1003 binary_unsupported", async () => {
    const { page, stillWorks } = await withBystander();
    const client = await RawClient.openFor(page);
    client.socket.send(Buffer.from([0, 1, 2]));
    expect(await client.untilClosed()).toEqual({ code: 1003, reason: "binary_unsupported" });
    await stillWorks();
  });

  test("that is larger than the limit, and for no view, closes its socket with 1009", async () => {
    const { page, stillWorks } = await withBystander({ maxFrameBytes: 10_000 });
    const client = await RawClient.openFor(page);
    client.send(["1", "1", "lv:x", "event", { value: "x".repeat(10_000) }]);
    expect((await client.untilClosed()).code).toBe(1009);
    await stillWorks();
  });
});

describe("a frame without a view", () => {
  test("gets an error for an unknown topic or event, except for a leave", async () => {
    const { page, stillWorks } = await withBystander();
    const client = await RawClient.openFor(page);
    client.send(["1", "1", "lv:nobody", "event", { type: "click", event: "x", value: {} }]);
    expect(await client.reply("1")).toEqual({
      status: "error",
      response: { reason: "unmatched topic" },
    });
    client.send([null, "2", "lv:", "phx_leave", {}]);
    expect((await client.reply("2")).status).toBe("ok");
    client.send(["1", "3", "room:1", "phx_join", {}]);
    expect((await client.reply("3")).response).toEqual({ reason: "unmatched topic" });
    client.send(["1", "4", "lv:x", "nonsense", {}]);
    expect((await client.reply("4")).response).toEqual({ reason: "unknown_event" });
    await stillWorks();
  });

  test.each([[{}], [null], ["x"], [[]], [{ session: 5 }]])(
    "that is a join with the payload %j is refused",
    async (payload) => {
      const { page, stillWorks } = await withBystander();
      const client = await RawClient.openFor(page);
      client.send(["1", "1", `lv:${page.id}`, "phx_join", payload]);
      expect(await client.reply("1")).toEqual({
        status: "error",
        response: { reason: "bad_join" },
      });
      await stillWorks();
    },
  );

  test("that has an outdated join_ref gets no reply", async () => {
    const { page, bystander } = await withBystander();
    bystander.send(["0", "late", `lv:${page.id}`, "event", { event: "increment", value: {} }]);
    bystander.send(["1", "now", `lv:${page.id}`, "event", { event: "nothing", value: {} }]);
    const first = await bystander.next((frame) => frame[3] === "phx_reply");
    expect(first[1]).toBe("now");
  });
});

describe("a join", () => {
  test("with the token of another page or session is refused", async () => {
    const { server, page, stillWorks } = await withBystander();
    const other = await loadPage(server.url);
    const client = await RawClient.openFor(page);
    const isRefused = { status: "error", response: { reason: "stale_again" } };
    client.join({ ...page, session: other.session }, "1");
    expect(await client.reply("1")).toEqual(isRefused);
    client.join({ ...other }, "2");
    expect(await client.reply("2")).toEqual(isRefused);
    client.join({ ...page, session: `${page.session}x` }, "3");
    expect(await client.reply("3")).toEqual(isRefused);
    client.join({ ...page, session: "" }, "4");
    expect(await client.reply("4")).toEqual(isRefused);
    await stillWorks();
  });

  test.each([
    ["nowhere", "http://127.0.0.1/nowhere"],
    ["no URL", undefined],
    ["nonsense", "http://"],
    ["a path", "/"],
  ])("with a URL that is %s is refused", async (_, url) => {
    const { page } = await withBystander();
    const client = await RawClient.openFor(page);
    client.join(page, "1", { url });
    expect((await client.reply("1")).response).toEqual({ reason: "unauthorized_again" });
  });

  test("on a socket without a CSRF token is refused as stale, because the socket has no session", async () => {
    const { page, stillWorks } = await withBystander();
    const client = await RawClient.open(page.url, { cookie: page.cookie, csrfToken: "wrong" });
    client.join(page, "1");
    expect((await client.reply("1")).response).toEqual({ reason: "stale_again" });
    await stillWorks();
  });
});

describe("a client that exceeds a limit", () => {
  test("of joins is closed with 1008 too_many_joins", async () => {
    const { page, stillWorks } = await withBystander();
    const client = await RawClient.openFor(page);
    for (let ref = 1; ref <= 1000; ref++) client.join(page, String(ref));
    expect(await client.untilClosed()).toEqual({ code: 1008, reason: "too_many_joins" });
    await stillWorks();
  });

  test("of joins is counted by the minute, even if the system's clock changes", async () => {
    let nowMs = Date.now();
    let monotonicMs = 0;
    const server = await startTestServer({
      now: () => nowMs,
      monotonicNow: () => monotonicMs,
      limits: { maxJoinsPerMinute: 2 },
    });
    const page = await loadPage(server.url);
    const client = await RawClient.openFor(page);
    const join = (ref: string): Promise<{ status: string }> => {
      client.join(page, ref);
      return client.reply(ref);
    };
    expect([(await join("1")).status, (await join("2")).status]).toEqual(["ok", "ok"]);
    nowMs -= 3_600_000;
    monotonicMs += 60_000;
    expect((await join("3")).status).toBe("ok");
    await join("4");
    nowMs += 7_200_000;
    client.join(page, "5");
    expect(await client.untilClosed()).toEqual({ code: 1008, reason: "too_many_joins" });
  });

  test("of views has each further view refused, and keeps its socket", async () => {
    const { server, page, stillWorks } = await withBystander({ maxViewsPerSocket: 2 });
    const pages = [page];
    for (let count = 0; count < 2; count++) pages.push(await loadPage(server.url, page.cookie));
    const client = await RawClient.openFor(page);
    const answers = [];
    for (const [index, each] of pages.entries()) {
      client.join(each, String(index));
      answers.push(await client.reply(String(index)));
    }
    expect(answers.map(({ status }) => status)).toEqual(["ok", "ok", "error"]);
    expect(answers[2]?.response).toEqual({ reason: "too_many_views" });
    await stillWorks();
  });

  test("of events that wait for a view is closed with 1008 mailbox_full", async () => {
    const { page, stillWorks } = await withBystander({ maxMailboxLength: 50 });
    const client = await RawClient.openFor(page);
    client.join(page, "1");
    await client.reply("1");
    const frame = ["1", "2", `lv:${page.id}`, "event", { event: "increment", value: {} }];
    for (let count = 0; count < 5000; count++) client.send(frame);
    expect(await client.untilClosed()).toEqual({ code: 1008, reason: "mailbox_full" });
    await stillWorks();
  });
});

describe("an upgrade", () => {
  test("from a foreign origin is refused with 403, one of another version with 400", async () => {
    const { page, stillWorks } = await withBystander();
    await expect(RawClient.open(page.url, { origin: "http://evil.example" })).rejects.toThrow(
      "403",
    );
    await expect(RawClient.open(page.url, { vsn: "1.0.0" })).rejects.toThrow("400");
    await stillWorks();
  });

  test("with headers over the limit is answered with 431", async () => {
    const { server } = await withBystander({ maxHeaderBytes: 4096 });
    const response = await fetch(server.url, { headers: { cookie: "x".repeat(8000) } });
    expect(response.status).toBe(431);
  });

  test("whose client disconnects does not affect other clients", async () => {
    const { server, stillWorks } = await withBystander();
    for (let count = 0; count < 20; count++) {
      const socket = connect(server.listening.port, "127.0.0.1");
      await once(socket, "connect");
      socket.write(
        "GET /live/websocket?vsn=2.0.0 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
      );
      socket.resetAndDestroy();
    }
    await stillWorks();
  });
});

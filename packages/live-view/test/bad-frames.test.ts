import { connect } from "node:net";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { loadPage, RawClient, type LoadedPage } from "./raw-client.ts";
import { startTestServer, type TestServer } from "./test-server.ts";

/** A server with one well-behaved page, which must not notice what others do. */
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

describe("frames that are none", () => {
  test.each([
    ["not JSON", "hello"],
    ["an object", "{}"],
    ["too short", '["1","1","lv:x","phx_join"]'],
    ["a numeric ref", '["1",1,"lv:x","event",{}]'],
    ["a numeric join_ref", '[1,"1","lv:x","event",{}]'],
    ["two documents", '["1","1","lv:x","event",{}]["1","2","lv:x","event",{}]'],
  ])("%s closes with 1007 bad_frame", async (_, text) => {
    const { page, stillWorks } = await withBystander();
    const client = await RawClient.openFor(page);
    client.send(text);
    expect(await client.untilClosed()).toEqual({ code: 1007, reason: "bad_frame" });
    await stillWorks();
  });

  test("a binary frame closes with 1003 binary_unsupported", async () => {
    const { page, stillWorks } = await withBystander();
    const client = await RawClient.openFor(page);
    client.socket.send(Buffer.from([0, 1, 2]));
    expect(await client.untilClosed()).toEqual({ code: 1003, reason: "binary_unsupported" });
    await stillWorks();
  });

  test("a frame over the limit closes with 1009", async () => {
    const { page, stillWorks } = await withBystander({ maxFrameBytes: 10_000 });
    const client = await RawClient.openFor(page);
    client.send(["1", "1", "lv:x", "event", { value: "x".repeat(10_000) }]);
    expect((await client.untilClosed()).code).toBe(1009);
    await stillWorks();
  });
});

describe("frames for nobody", () => {
  test("an unknown topic gets an error, a leave of one is fine", async () => {
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
    "a join with the payload %j is refused",
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

  test("a push with an outdated join_ref gets no answer", async () => {
    const { page, bystander } = await withBystander();
    bystander.send(["0", "late", `lv:${page.id}`, "event", { event: "increment", value: {} }]);
    bystander.send(["1", "now", `lv:${page.id}`, "event", { event: "nothing", value: {} }]);
    const first = await bystander.next((frame) => frame[3] === "phx_reply");
    expect(first[1]).toBe("now");
  });
});

describe("joins with tokens of others", () => {
  test("a token of another page or session does not join", async () => {
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
  ])("a URL that is %s does not join", async (_, url) => {
    const { page } = await withBystander();
    const client = await RawClient.openFor(page);
    client.join(page, "1", { url });
    expect((await client.reply("1")).response).toEqual({ reason: "unauthorized_again" });
  });

  test("a socket without its CSRF token has no session, and says so in the answer to the join", async () => {
    const { page, stillWorks } = await withBystander();
    const client = await RawClient.open(page.url, { cookie: page.cookie, csrfToken: "wrong" });
    client.join(page, "1");
    expect((await client.reply("1")).response).toEqual({ reason: "stale_again" });
    await stillWorks();
  });
});

describe("too much", () => {
  test("a thousand joins close the socket with 1008 too_many_joins", async () => {
    const { page, stillWorks } = await withBystander();
    const client = await RawClient.openFor(page);
    for (let ref = 1; ref <= 1000; ref++) client.join(page, String(ref));
    expect(await client.untilClosed()).toEqual({ code: 1008, reason: "too_many_joins" });
    await stillWorks();
  });

  test("joins are counted by the minute, whatever the clock is set to", async () => {
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

  test("more views than a socket may have are refused one by one", async () => {
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

  test("events faster than a view takes them close the socket with 1008 mailbox_full", async () => {
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

describe("the upgrade", () => {
  test("a foreign origin is refused with 403, another version with 400", async () => {
    const { page, stillWorks } = await withBystander();
    await expect(RawClient.open(page.url, { origin: "http://evil.example" })).rejects.toThrow(
      "403",
    );
    await expect(RawClient.open(page.url, { vsn: "1.0.0" })).rejects.toThrow("400");
    await stillWorks();
  });

  test("headers over the limit are answered with 431", async () => {
    const { server } = await withBystander({ maxHeaderBytes: 4096 });
    const response = await fetch(server.url, { headers: { cookie: "x".repeat(8000) } });
    expect(response.status).toBe(431);
  });

  test("a client that goes away while it upgrades harms nobody", async () => {
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

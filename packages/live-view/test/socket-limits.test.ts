import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { html, live, liveView, NOTICE_CHANNELS, type RefusedEvent } from "../src/index.ts";
import { maskedFrame, openDeaf } from "./memory/attacker.ts";
import { nextTurn } from "./reporting-client.ts";
import { loadPage, RawClient } from "./raw-client.ts";
import { startServerWithClock } from "./server-with-clock.ts";

const form = (length: number): object => ({
  type: "form",
  event: "change",
  value: `text=${"x".repeat(length)}`,
});

async function startForm(limits = {}, refused?: RefusedEvent[]) {
  const view = liveView<{ length: number }>({
    name: "note",
    mount: (socket) => socket.assign({ length: 0 }),
    handleEvent: {
      change: (socket, { text }) => socket.assign({ length: String(text).length }),
      hook: () => undefined,
    },
    ...(refused === undefined
      ? {}
      : { handleTooLarge: (_: unknown, each: RefusedEvent) => void refused.push(each) }),
    render: ({ length }, { flash }) => html`<p>${length}</p>
      <b>${flash.error}</b>`,
  });
  const server = await startServerWithClock({ routes: [live("/", view)], limits });
  const page = await loadPage(server.url);
  const client = await RawClient.openFor(page);
  client.join(page, "1");
  await client.reply("1");
  const push = (ref: string, payload: object): void =>
    client.send(["1", ref, `lv:${page.id}`, "event", payload]);
  return { ...server, page, client, push };
}

describe("a large frame", () => {
  test("of up to 16 MiB is handled, and logged if it is larger than 2 MiB", async () => {
    const { client, lines, push } = await startForm();
    push("2", form(3 * 1024 * 1024));
    expect((await client.reply("2")).response).toEqual({ diff: { "0": `${3 * 1024 * 1024}` } });
    expect(lines).toEqual([
      expect.stringMatching(/large frame was received, with the event "change"/),
    ]);
    push("3", form(16 * 1024 * 1024 - 200));
    expect((await client.reply("3")).status).toBe("ok");
  });

  test("with an event that is larger is answered: the user is notified, the log names the event, the socket stays open", async () => {
    const { client, lines, push } = await startForm({ maxFrameBytes: 10_000 });
    push("2", form(15_000));
    const { status, response } = await client.reply("2");
    expect(status).toBe("ok");
    expect(JSON.stringify(response)).toContain("too large (0.0 MB");
    expect(lines).toEqual([
      expect.stringMatching(/the event "change" was answered as too large.*expected .*10000 bytes/),
    ]);
    push("3", form(100));
    expect((await client.reply("3")).response).toEqual({ diff: { "0": "100" } });
  });

  test("with an event that is larger is passed to the view's handleTooLarge", async () => {
    const refused: RefusedEvent[] = [];
    const { client, push } = await startForm({ maxFrameBytes: 10_000 }, refused);
    push("2", form(15_000));
    expect((await client.reply("2")).response).toEqual({});
    expect(refused).toEqual([
      { event: "change", bytes: expect.any(Number) as number, maxBytes: 10_000 },
    ]);
    expect(refused[0]?.bytes).toBeGreaterThan(15_000);
  });

  test("with too many values is answered without being parsed", async () => {
    const { client, push } = await startForm();
    push("2", { type: "hook", event: "hook", value: { list: Array(100_001).fill(0) } });
    expect(JSON.stringify((await client.reply("2")).response)).toContain("too many parts");
    push("3", { type: "hook", event: "hook", value: { list: Array(90_000).fill(0) } });
    expect((await client.reply("3")).status).toBe("ok");
  });

  test("that is too large to be answered closes its socket with 1009, and the user is notified when the page is back", async () => {
    const { client, lines, page, push } = await startForm({ maxFrameBytes: 10_000 });
    push("2", form(25_000));
    expect((await client.untilClosed()).code).toBe(1009);
    expect(lines).toEqual([expect.stringContaining("1009 frame_too_large")]);
    const back = await RawClient.openFor(page);
    back.join(page, "1");
    expect((await back.reply("1")).status).toBe("ok");
    const [, , , , diff] = await back.next((frame) => frame[3] === "diff");
    expect(JSON.stringify(diff)).toContain("too large");
    const other = await RawClient.openFor(page);
    other.join(page, "1");
    await other.reply("1");
    other.send(["1", "2", `lv:${page.id}`, "event", { event: "hook", value: {} }]);
    expect((await other.next((frame) => frame[1] !== "1"))[4].response).toEqual({});
  });

  test("with a join is refused as frame_too_large, one for an unknown view closes its socket", async () => {
    const { client, page, lines, url } = await startForm({ maxFrameBytes: 10_000 });
    client.join(page, "2", { params: { held: "x".repeat(15_000) } });
    expect(await client.reply("2")).toEqual({
      status: "error",
      response: { reason: "frame_too_large" },
    });
    const stranger = await RawClient.openFor(await loadPage(url));
    stranger.send(["1", "1", "lv:nobody", "event", { value: "x".repeat(15_000) }]);
    expect(await stranger.untilClosed()).toEqual({ code: 1009, reason: "frame_too_large" });
    expect(lines).toHaveLength(2);
  });
});

describe("joins of one socket", () => {
  test("are refused when together they would take more than maxJoinBytes", async () => {
    const { url, lines } = await startForm({ maxJoinBytes: 500_000 });
    const first = await loadPage(url);
    const client = await RawClient.openFor(first);
    const reasons: unknown[] = [];
    for (let ref = 1; ref <= 6; ref++) {
      const page = ref === 1 ? first : await loadPage(url, first.cookie);
      client.join(page, `${ref}`, { params: { held: "x".repeat(100_000) } });
      reasons.push((await client.reply(`${ref}`)).response.reason);
    }
    expect(reasons.filter((each) => each === undefined)).toHaveLength(4);
    expect(reasons.at(-1)).toBe("too_many_join_bytes");
    expect(lines).toEqual([expect.stringContaining("too_many_join_bytes")]);
    // A view that ends frees its memory.
    client.send(["1", "7", `lv:${first.id}`, "phx_leave", {}]);
    await client.reply("7");
    client.join(first, "8", { params: { held: "x".repeat(100_000) } });
    expect((await client.reply("8")).status).toBe("ok");
  });

  test("with a URL too long for a request are refused", async () => {
    const { client, page } = await startForm();
    client.join(page, "2", { url: `${page.url}?${"x".repeat(20_000)}` });
    expect((await client.reply("2")).response).toEqual({ reason: "bad_join" });
  });
});

test("events beyond maxQueuedBytes wait at the client until the view is idle, and none is lost", async () => {
  let release: () => void = () => undefined;
  const handled: number[] = [];
  const view = liveView<object>({
    name: "slow",
    handleEvent: {
      async take(_, { n }) {
        if (handled.length === 0) await new Promise<void>((resolve) => (release = resolve));
        handled.push(Number(n));
      },
    },
    render: () => html`<p></p>`,
  });
  const { url } = await startServerWithClock({
    routes: [live("/", view)],
    limits: { maxQueuedBytes: 500_000 },
  });
  const page = await loadPage(url);
  const client = await RawClient.openFor(page);
  client.join(page, "1");
  await client.reply("1");
  for (let n = 0; n < 200; n++) {
    const value = { n, text: "x".repeat(100_000) };
    client.send(["1", `e${n}`, `lv:${page.id}`, "event", { event: "take", value }]);
  }
  for (let turn = 0; turn < 200; turn++) await nextTurn();
  // Of the 20 MB that were sent, those that the server has not read wait at the client.
  expect(client.socket.bufferedAmount).toBeGreaterThan(1_000_000);
  release();
  await client.reply("e199");
  expect(handled).toEqual(Array.from({ length: 200 }, (_, n) => n));
});

describe("sockets of one server", () => {
  test("are at most maxSockets, of which at most a quarter have no session", async () => {
    const heard: unknown[] = [];
    const listen = (notice: unknown): void => void heard.push(notice);
    subscribe(NOTICE_CHANNELS.refused, listen);
    onTestFinished(() => void unsubscribe(NOTICE_CHANNELS.refused, listen));
    const { url, lines, transport, page } = await startForm({ maxSockets: 4 });
    await RawClient.open(url);
    await expect(RawClient.open(url)).rejects.toThrow("503");
    const second = await RawClient.openFor(page);
    await RawClient.openFor(page);
    await expect(RawClient.openFor(page)).rejects.toThrow("503");
    await expect(RawClient.openFor(page)).rejects.toThrow("503");
    for (let count = 0; count < 20; count++) {
      const gone = connect(Number(new URL(url).port), "127.0.0.1");
      await once(gone, "connect");
      gone.write(
        "GET /live/websocket?vsn=2.0.0 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
      );
      gone.resetAndDestroy();
    }
    expect(heard.length).toBeGreaterThanOrEqual(3);
    expect(lines.filter((line) => line.includes("503"))).toEqual([
      expect.stringMatching(/503.*at most 1 sockets without a session/),
      expect.stringMatching(/503.*at most 4 sockets, found 4/),
    ]);
    second.socket.terminate();
    while (transport.socketCount === 4) await nextTurn();
    expect((await RawClient.openFor(page)).closed).toBeUndefined();
  });

  test("without a session are closed after 30 s, even if they send heartbeats", async () => {
    const { clock, lines, transport, url, client } = await startForm();
    const stranger = await RawClient.open(url);
    clock.ms += 29_000;
    stranger.send([null, "1", "phoenix", "heartbeat", {}]);
    await stranger.reply("1");
    transport.closeIdle();
    expect(stranger.closed).toBeUndefined();
    clock.ms += 2000;
    transport.closeIdle();
    await stranger.untilClosed();
    expect(lines.at(-1)).toContain("1008 no_session");
    expect(client.closed).toBeUndefined();
  });

  test("without a session may send only small frames", async () => {
    const { url } = await startForm();
    const stranger = await RawClient.open(url);
    stranger.send(["1", "1", "lv:x", "phx_join", { session: "x".repeat(200_000) }]);
    expect((await stranger.reply("1")).status).toBe("error");
    stranger.send(["1", "2", "lv:x", "phx_join", { session: "x".repeat(300_000) }]);
    expect((await stranger.untilClosed()).code).toBe(1009);
  });

  test("hold at most maxHeldBytes together: only the one that holds the most is closed", async () => {
    const { client, lines, page, url } = await startForm({ maxHeldBytes: 3_000_000 });
    const joined = async (): Promise<RawClient> => {
      const each = await RawClient.openFor(page);
      each.join(page, "1", { params: { held: "x".repeat(400_000) } });
      await each.reply("1");
      return each;
    };
    const modest = [await joined(), await joined(), await joined()];
    const greedy = await RawClient.openFor(await loadPage(url));
    greedy.join(page, "1", { params: { held: "x".repeat(4_000_000) } });
    await greedy.untilClosed();
    expect([client, ...modest].map(({ closed }) => closed)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(lines).toEqual([expect.stringContaining("server_busy")]);
  });

  test("of one session are closed for what they hold together, even if each of them holds little", async () => {
    const { client, lines, page, transport, url } = await startForm({ maxHeldBytes: 3_000_000 });
    const stranger = await loadPage(url);
    const part = maskedFrame(Buffer.alloc(50_000), { declared: 60_000 });
    for (let count = 0; count < 70; count++) {
      await (await openDeaf(url, stranger)).send(part);
    }
    const visitor = await RawClient.openFor(page);
    visitor.join(page, "1", { params: { held: "x".repeat(400_000) } });
    expect((await visitor.reply("1")).status).toBe("ok");
    while (transport.socketCount > 65) await nextTurn();
    expect([client, visitor].map(({ closed }) => closed)).toEqual([undefined, undefined]);
    expect(lines).toEqual([
      expect.stringContaining("server_busy, because its session held the most"),
    ]);
  });

  test("of many sessions, each with a stalled frame, are closed before those that make progress", async () => {
    const { client, clock, page, transport, url } = await startForm({ maxHeldBytes: 3_000_000 });
    const part = maskedFrame(Buffer.alloc(50_000), { declared: 60_000 });
    for (let count = 0; count < 55; count++) {
      await (await openDeaf(url, await loadPage(url))).send(part);
      clock.ms += 100;
    }
    clock.ms += 1000;
    const visitor = await RawClient.openFor(page);
    visitor.join(page, "1", { params: { held: "x".repeat(300_000) } });
    expect((await visitor.reply("1")).status).toBe("ok");
    while (transport.socketCount === 57) await nextTurn();
    expect([client, visitor].map(({ closed }) => closed)).toEqual([undefined, undefined]);
  });
});

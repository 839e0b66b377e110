import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { html, live, liveView, type Session } from "../src/index.ts";
import { loadPage, RawClient } from "./raw-client.ts";
import { startServerWithClock } from "./server-with-clock.ts";
import { counter, startTestServer } from "./test-server.ts";

/** Starts a server with two clocks that a test moves: the system's, and the monotonic one. */
async function startWithClocks() {
  const system = { nowMs: Date.now() };
  const server = await startServerWithClock({
    routes: [live("/", counter)],
    now: () => system.nowMs,
    limits: { idleTimeoutMs: 75_000 },
  });
  return { ...server, system };
}

describe("a silent socket", () => {
  const isAlive = async (client: RawClient, ref: string): Promise<void> => {
    client.send([null, ref, "phoenix", "heartbeat", {}]);
    expect((await client.reply(ref)).status).toBe("ok");
  };

  test("is closed with 1001 idle_timeout after idleTimeoutMs, unlike one that sends heartbeats", async () => {
    const { clock, transport, url } = await startWithClocks();
    const page = await loadPage(url);
    const [silent, speaking] = [await RawClient.openFor(page), await RawClient.openFor(page)];

    clock.ms += 74_000;
    await isAlive(speaking, "1");
    transport.closeIdle();
    expect(silent.closed).toBeUndefined();
    clock.ms += 2000;
    transport.closeIdle();
    await silent.untilClosed();
    expect(transport.socketCount).toBe(1);
    expect(speaking.closed).toBeUndefined();
  });

  test("is not closed because the system's clock changes", async () => {
    const { system, transport, url } = await startWithClocks();
    const client = await RawClient.openFor(await loadPage(url));
    for (const [index, ms] of [75_001, -3_600_000, 7_200_000].entries()) {
      system.nowMs += ms;
      transport.closeIdle();
      await isAlive(client, String(index));
    }
  });
});

describe("a client that does not read", () => {
  test("is closed when too much waits for it, so that its memory is bounded", async () => {
    const big = "x".repeat(100_000);
    const shouting = liveView<{ text: string }>({
      name: "shouting",
      mount: (socket) => socket.assign({ text: "" }),
      handleEvent: { shout: (socket) => socket.pushEvent("big", { big }) },
      render: ({ text }) => html`<p>${text}</p>`,
    });
    const { server, url } = await startTestServer({
      routes: [live("/", shouting)],
      limits: { maxBufferedBytes: 1_000_000, maxMailboxLength: 10_000 },
    });
    const page = await loadPage(url);
    const client = await RawClient.openFor(page);
    client.join(page, "1");
    await client.reply("1");
    client.socket.pause();
    for (let count = 0; count < 500; count++) {
      client.send(["1", `s${count}`, `lv:${page.id}`, "event", { event: "shout", value: {} }]);
    }
    // The client reads nothing, not even the close, so only the server's figures show it.
    while (server.figures.sockets > 0) await new Promise((resolve) => setImmediate(resolve));
    client.socket.resume();
    await client.untilClosed();
  });
});

describe("drain", () => {
  test("ends views, closes sockets with 1012 in batches, and refuses new sockets", async () => {
    const ended: string[] = [];
    const view = liveView<object>({
      name: "ending",
      async terminate(_, reason) {
        await new Promise((resolve) => setImmediate(resolve));
        ended.push(reason);
      },
      render: () => html`<p>hello</p>`,
    });
    const { server, url } = await startTestServer({ routes: [live("/", view)] });
    const page = await loadPage(url);
    const clients = [];
    for (let count = 0; count < 5; count++) {
      const client = await RawClient.openFor(page);
      client.join(page, "1");
      await client.reply("1");
      clients.push(client);
    }
    const drained = server.drain({ batchSize: 2, intervalMs: 5 });
    await expect(RawClient.openFor(page)).rejects.toThrow("503");
    await drained;
    expect(ended).toEqual(Array.from({ length: 5 }, () => "shutdown"));
    const codes = await Promise.all(clients.map(async (client) => client.untilClosed()));
    expect(codes).toEqual(
      Array.from({ length: 5 }, () => ({ code: 1012, reason: "service_restart" })),
    );
    expect(server.figures).toEqual({ sockets: 0, views: 0 });
  });

  test("waits for views whose sockets are closed already", async () => {
    const ended: string[] = [];
    let settle: () => void = () => undefined;
    const settled = new Promise<void>((resolve) => (settle = resolve));
    let isAsked: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => (isAsked = resolve));
    const view = liveView<object>({
      name: "settling",
      async terminate(_, reason) {
        isAsked();
        await settled;
        ended.push(reason);
      },
      render: () => html`<p>hello</p>`,
    });
    const { server, url } = await startTestServer({ routes: [live("/", view)] });
    const page = await loadPage(url);
    const client = await RawClient.openFor(page);
    client.join(page, "1");
    await client.reply("1");
    client.socket.terminate();
    await asked;
    const drained = server.drain().then(() => ended.push("drained"));
    setImmediate(settle);
    await drained;
    expect(ended).toEqual(["disconnected", "drained"]);
  });

  test("refuses a socket whose session is still being read, and close() settles", async () => {
    let isAsked: () => void = () => undefined;
    let answer: (session: Session) => void = () => undefined;
    const asked = new Promise<void>((resolve) => (isAsked = resolve));
    const session = { id: "a session of secret strength" };
    const { listening, server, url } = await startTestServer({
      sessions: {
        read(request) {
          if (request.headers.upgrade === undefined) return session;
          isAsked();
          return new Promise((resolve) => (answer = resolve));
        },
      },
    });
    const refusal = RawClient.openFor(await loadPage(url)).then(() => "opened", String);
    await asked;
    const closed = listening.close();
    answer(session);
    expect(await refusal).toContain("503");
    await closed;
    expect(server.figures.sockets).toBe(0);
  });

  test("waits for a view that never ends no longer than timeoutMs", async () => {
    const stuck = liveView<object>({
      name: "stuck",
      terminate: () => new Promise<void>(() => undefined),
      render: () => html`<p>hello</p>`,
    });
    const { server, url, errors } = await startTestServer({ routes: [live("/", stuck)] });
    const page = await loadPage(url);
    const client = await RawClient.openFor(page);
    client.join(page, "1");
    await client.reply("1");
    await server.drain({ timeoutMs: 1 });
    expect((await client.untilClosed()).code).toBe(1012);
    expect(errors).toEqual([
      expect.objectContaining({ message: expect.stringContaining("drained") as string }),
    ]);
  });

  test("cuts off a client that does not answer the close frame", async () => {
    const { server, url } = await startTestServer();
    const client = await RawClient.openFor(await loadPage(url));
    client.socket.pause();
    await server.drain();
    expect(server.figures.sockets).toBe(0);
    client.socket.terminate();
  });
});

test("a refused upgrade closes its connection, even if the client keeps its side open", async () => {
  const { listening } = await startTestServer();
  const stream = connect({ port: listening.port, host: "127.0.0.1", allowHalfOpen: true });
  stream.write(
    "GET /live/websocket?vsn=1.0.0 HTTP/1.1\r\nHost: localhost\r\n" +
      "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
  );
  const [answer] = (await once(stream, "data")) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1.1 400 /);
  // close() waits for every connection of the server, also for half-closed ones.
  await listening.close();
  stream.destroy();
});

test("an upgrade with the subprotocol of an auth token is answered with the subprotocol phoenix", async () => {
  const { url } = await startTestServer();
  const { WebSocket } = await import("ws");
  const socket = new WebSocket(`${url.replace("http", "ws")}live/websocket?vsn=2.0.0`, [
    "phoenix",
    "base64url.bearer.phx.dG9rZW4",
  ]);
  await once(socket, "open");
  expect(socket.protocol).toBe("phoenix");
  socket.terminate();
});

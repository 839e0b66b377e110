import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, get, type IncomingMessage, request as send } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  createLiveServer,
  html,
  live,
  liveSession,
  liveView,
  type HttpHandler,
  type ListenOptions,
  type ViewHook,
} from "../src/index.ts";
import { loadPage, RawClient } from "./raw-client.ts";
import { counter, SECRET, startTestServer } from "./test-server.ts";

/** Starts a server with a fallback for requests that are for no view. */
async function listenWith(fallback: HttpHandler) {
  const server = createLiveServer({ routes: [live("/", counter)], secret: SECRET });
  const listening = await server.listen({ port: 0, handleSignals: false, fallback });
  onTestFinished(() => listening.close({ timeoutMs: 0 }));
  return listening;
}

describe("a server that closes", () => {
  test("lets a stream in progress end, and accepts no further connection", async () => {
    let finish: () => void = () => undefined;
    const listening = await listenWith((_, response) => {
      response.write("first, ");
      finish = () => response.end("last");
    });
    const response = await fetch(`${listening.url}/stream`);
    const body = response.text();
    const closed = listening.close();
    await expect(fetch(listening.url)).rejects.toThrow("fetch failed");
    finish();
    expect(await body).toBe("first, last");
    await closed;
  });

  test("lets an upload in progress arrive, and answers it", async () => {
    let isAsked: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => (isAsked = resolve));
    const listening = await listenWith((request, response) => {
      isAsked();
      void text(request).then((body) => response.end(`got ${body}`));
    });
    const upload = send(`${listening.url}/upload`, { method: "POST" });
    upload.write("one half");
    await asked;
    const closed = listening.close();
    upload.end(", the other half");
    const [response] = (await once(upload, "response")) as [IncomingMessage];
    expect(await text(response)).toBe("got one half, the other half");
    // The server does not keep the connection alive.
    expect(response.headers.connection).toBe("close");
    await closed;
  });

  test("answers a page that is being rendered", async () => {
    let show: () => void = () => undefined;
    let isAsked: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => (isAsked = resolve));
    const slow = liveView<object>({
      name: "slow",
      mount() {
        isAsked();
        return new Promise<void>((resolve) => (show = resolve));
      },
      render: () => html`<p>shown</p>`,
    });
    const { listening, url } = await startTestServer({ routes: [live("/", slow)] });
    const body = fetch(url).then((response) => response.text());
    await asked;
    const closed = listening.close();
    show();
    expect(await body).toContain("<p>shown</p>");
    await closed;
  });

  test("cuts off a response that does not end in time", async () => {
    const listening = await listenWith((_, response) => void response.write("and so on"));
    const response = await fetch(`${listening.url}/endless`);
    await listening.close({ timeoutMs: 1 });
    await expect(response.text()).rejects.toThrow("terminated");
  });

  test("does not wait for connections without a request in progress", async () => {
    const listening = await listenWith((_, response) => void response.end("done"));
    const silent = connect(listening.port, "127.0.0.1");
    const kept = connect(listening.port, "127.0.0.1");
    kept.write("GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await Promise.all([once(kept, "data"), once(silent, "connect")]);
    await Promise.all([
      ...[silent, kept].map((socket) => once(socket.resume(), "close")),
      listening.close(),
    ]);
  });

  test("closes its views' sockets with 1012, and may be closed again", async () => {
    const { listening, url } = await startTestServer();
    const page = await loadPage(url);
    const client = await RawClient.openFor(page);
    client.join(page, "1");
    await client.reply("1");
    await Promise.all([listening.close(), listening.close()]);
    expect((await client.untilClosed()).code).toBe(1012);
    await listening.close();
  });
});

describe("onServerClose of a hook", () => {
  const viewOf = (name: string, hooks: readonly ViewHook<object>[], log: string[]) =>
    liveView<object>({
      name,
      use: hooks,
      terminate: (_, reason) => void log.push(`${name} ended by ${reason}`),
      render: () => html`<p>${name}</p>`,
    });

  test("is called once by close(), after all views have ended, and not by the close of a listening server", async () => {
    const log: string[] = [];
    const shared = { name: "shared", onServerClose: () => void log.push("shared closed") };
    const guard = { name: "guard", onServerClose: () => void log.push("guard closed") };
    const { server, listening, url } = await startTestServer({
      routes: [
        live("/", viewOf("one", [shared], log)),
        liveSession("two", { use: [guard] }, [live("/two", viewOf("two", [shared], log))]),
      ],
    });
    const page = await loadPage(url);
    const client = await RawClient.openFor(page);
    client.join(page, "1");
    await client.reply("1");
    await listening.close();
    expect(log).toEqual(["one ended by shutdown"]);
    await Promise.all([server.close(), server.close()]);
    expect(log.slice(1).toSorted()).toEqual(["guard closed", "shared closed"]);
  });

  test("is called for each hook, even if that of another one fails or never settles", async () => {
    const log: string[] = [];
    const hooks: ViewHook<object>[] = [
      { name: "throws", onServerClose: () => Promise.reject(new Error("on purpose")) },
      { name: "hangs", onServerClose: () => new Promise(() => undefined) },
      { name: "fine", onServerClose: () => void log.push("closed") },
    ];
    const { server, errors } = await startTestServer({
      routes: [live("/", viewOf("v", hooks, log))],
    });
    await server.close({ timeoutMs: 1 });
    expect(log).toEqual(["closed"]);
    expect(errors.map(({ message }) => message).toSorted()).toEqual([
      expect.stringContaining('"hangs"'),
      expect.stringContaining('"throws"'),
    ]);
  });

  test("is called on a signal, when all servers of the process have drained", async () => {
    const log: string[] = [];
    let settle: () => void = () => undefined;
    const settled = new Promise<void>((resolve) => (settle = resolve));
    let isAsked: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => (isAsked = resolve));
    let isClosed: () => void = () => undefined;
    const closed = new Promise<void>((resolve) => (isClosed = resolve));
    const shared: ViewHook<object> = {
      name: "shared",
      async onTerminate() {
        isAsked();
        await settled;
        log.push("saved");
      },
      onServerClose() {
        log.push("closed");
        isClosed();
      },
    };
    const routes = () => [live("/", viewOf("v", [shared], log))];
    const before = new Set(process.listeners("SIGTERM"));
    const busy = createLiveServer({ routes: routes(), secret: SECRET });
    const idle = createLiveServer({ routes: routes(), secret: SECRET });
    const [{ url }] = await Promise.all([busy.listen({ port: 0 }), idle.listen({ port: 0 })]);
    const own = process.listeners("SIGTERM").filter((each) => !before.has(each));
    // All servers share one listener.
    expect(own).toHaveLength(1);
    const page = await loadPage(`${url}/`);
    const client = await RawClient.openFor(page);
    client.join(page, "1");
    await client.reply("1");
    own[0]?.("SIGTERM");
    // A second signal has no listener, so it ends the process.
    expect(new Set(process.listeners("SIGTERM"))).toEqual(before);
    await asked;
    settle();
    await closed;
    expect(log.indexOf("saved")).toBeLessThan(log.indexOf("closed"));
  });

  test("is called by close() for an attached server, which stays open", async () => {
    const log: string[] = [];
    const hook = { name: "hook", onServerClose: () => void log.push("closed") };
    const views = createLiveServer({
      routes: [live("/", viewOf("v", [hook], log))],
      secret: SECRET,
    });
    const server = createServer(views.handler);
    views.attach(server);
    await once(server.listen(0, "127.0.0.1"), "listening");
    await views.close();
    expect([log, server.listening]).toEqual([["closed"], true]);
    server.close();
  });
});

describe("listen()", () => {
  const start = async (options: ListenOptions) => {
    const server = createLiveServer({ routes: [live("/", counter)], secret: SECRET });
    const listening = await server.listen({ handleSignals: false, ...options });
    onTestFinished(() => listening.close());
    return listening;
  };

  test.each(["::1", "[::1]"])(
    "serves pages and sockets on the address %s of IPv6",
    async (host) => {
      const { url, port } = await start({ port: 0, host });
      expect(url).toBe(`http://[::1]:${port}`);
      const page = await loadPage(`${url}/`);
      const client = await RawClient.openFor(page);
      client.join(page, "1");
      expect((await client.reply("1")).status).toBe("ok");
    },
  );

  test("serves pages on a Unix domain socket", async () => {
    const folder = mkdtempSync(join(tmpdir(), "live-view-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, "app.sock");
    const { url, port } = await start({ path });
    expect([url, port]).toEqual([`unix:${path}`, 0]);
    const [response] = (await once(get({ socketPath: path, path: "/" }), "response")) as [
      IncomingMessage,
    ];
    expect(await text(response)).toContain('<p class="count">0</p>');
  });

  test.each<[string, object]>([
    ["port", { port: NaN }],
    ["port", { port: 70_000 }],
    ["port", { port: "4000" }],
    ["host", { host: "" }],
    ["path", { path: "" }],
    ["host", { path: "/tmp/x", host: "::1" }],
    ["port", { path: "/tmp/x", port: 1 }],
  ])("rejects an invalid %s: %j", async (option, options) => {
    await expect(start(options)).rejects.toThrow(`listen(): invalid option "${option}"`);
  });

  test.each([{ batchSize: 0 }, { intervalMs: -1 }, { timeoutMs: Infinity }])(
    "rejects invalid options of drain() and close(): %j",
    async (options) => {
      const server = createLiveServer({ routes: [live("/", counter)], secret: SECRET });
      await expect(async () => server.drain(options)).rejects.toThrow(/expected/);
      await expect(server.close(options)).rejects.toThrow(/expected/);
    },
  );

  test("logs that a second LiveServer is attached to a server, and keeps serving the first", async () => {
    const errors: string[] = [];
    const logger = { error: (line: string) => void errors.push(line), warn: () => undefined };
    const [one, two] = [0, 1].map(() =>
      createLiveServer({ routes: [live("/", counter)], secret: SECRET, logger }),
    );
    const server = createServer(one?.handler);
    one?.attach(server);
    one?.attach(server);
    expect(errors).toEqual([]);
    two?.attach(server);
    expect(errors).toEqual([expect.stringMatching(/another LiveServer is attached/)]);
    await once(server.listen(0, "127.0.0.1"), "listening");
    onTestFinished(() => void server.close());
    const page = await loadPage(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const client = await RawClient.openFor(page);
    client.join(page, "1");
    expect((await client.reply("1")).status).toBe("ok");
    client.socket.terminate();
  });
});

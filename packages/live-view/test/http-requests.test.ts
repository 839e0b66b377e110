import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { connect as connectHttp2, createSecureServer, type Http2SecureServer } from "node:http2";
import { createServer as createHttpsServer, get, type Server as HttpsServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { createTlsCertificate } from "@live-stash/test-servers";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { createLiveServer, html, HttpError, live, liveView, textParam } from "../src/index.ts";
import { SECRET, startTestServer } from "./test-server.ts";

const showsUrl = liveView<object>({
  name: "shows-url",
  render: (_, { url }) => html`<p>${url.href}</p>`,
});

/** Sends a request unchanged, which `fetch` would correct, and reads the whole answer. */
async function answerTo(port: number, path: string, host = "localhost"): Promise<string> {
  const stream = connect(port, "127.0.0.1");
  let answer = "";
  stream.on("data", (chunk: Buffer) => (answer += chunk.toString()));
  stream.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  await once(stream, "close");
  return answer;
}

test("neither the path nor an invalid Host header changes the host of a page's URL", async () => {
  const { listening } = await startTestServer({ routes: [live("/", showsUrl)] });
  expect(await answerTo(listening.port, "/", "app.test:80")).toContain("<p>http://app.test/</p>");
  for (const path of ["//evil.example/", "/\\evil.example/", "///evil.example"]) {
    expect(await answerTo(listening.port, path)).toMatch(/^HTTP\/1.1 404 /);
  }
  for (const host of ["user@evil.example", "evil.example/x?", "evil.example#", "a b"]) {
    expect(await answerTo(listening.port, "/", host)).toMatch(/^HTTP\/1.1 404 /);
  }
});

test("a request in absolute form, as proxies send it, is answered for the host in its target", async () => {
  const { listening } = await startTestServer({ routes: [live("/", showsUrl)] });
  const answer = await answerTo(listening.port, "http://other.test/?a=1", "app.test");
  expect(answer).toContain("<p>http://other.test/?a=1</p>");
  expect(await answerTo(listening.port, "HTTP://other.test")).toContain(
    "<p>http://other.test/</p>",
  );
  for (const target of ["http://", "http:///", "ftp://other.test/", "http://u@other.test/"]) {
    expect(await answerTo(listening.port, target)).toMatch(/^HTTP\/1.1 40[04] /);
  }
});

test("behind a trusted proxy, a page and its socket have the URL that the browser shows", async () => {
  const headers = { "X-Forwarded-Proto": "https", "X-Forwarded-Host": "app.test" };
  const trusting = await startTestServer({ routes: [live("/", showsUrl)], trustProxy: true });
  const response = await fetch(trusting.url, { headers });
  expect(await response.text()).toContain("<p>https://app.test/</p>");
  expect(response.headers.get("set-cookie")).toMatch(/; Secure/);
  const upgrade = (url: string, origin: string) =>
    new Promise((resolve) => {
      const socket = new WebSocket(url.replace("http", "ws") + "live/websocket?vsn=2.0.0", {
        headers: { ...headers, origin },
      });
      socket.once("open", () => resolve("open")).once("error", ({ message }) => resolve(message));
      onTestFinished(() => socket.terminate());
    });
  expect(await upgrade(trusting.url, "https://app.test")).toBe("open");
  expect(await upgrade(trusting.url, "https://evil.test")).toMatch(/403/);

  const wary = await startTestServer({ routes: [live("/", showsUrl)] });
  const plain = await fetch(wary.url, { headers });
  expect(await plain.text()).toContain(`<p>${wary.url}</p>`);
  expect(plain.headers.get("set-cookie")).not.toMatch(/; Secure/);
  expect(await upgrade(wary.url, "https://app.test")).toMatch(/403/);
});

describe("over TLS,", () => {
  const folder = mkdtempSync(join(tmpdir(), "live-view-tls-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const certificate = createTlsCertificate(folder);
  const options = {
    cert: certificate.pem,
    key: readFileSync(certificate.keyPath),
    allowHTTP1: true,
  };
  const views = createLiveServer({ routes: [live("/", showsUrl)], secret: SECRET });

  async function listen(server: HttpsServer | Http2SecureServer): Promise<number> {
    await once(server.listen(0, "127.0.0.1"), "listening");
    onTestFinished(() => void server.close());
    return (server.address() as AddressInfo).port;
  }

  test.each([
    ["HTTPS", () => createHttpsServer(options, views.handler)],
    ["a server of HTTP/2 asked in HTTP/1.1", () => createSecureServer(options, views.handler)],
  ])("a page of %s has an https URL, a Secure cookie and a socket", async (_, create) => {
    const server = create();
    views.attach(server);
    const port = await listen(server);
    const request = get({ port, host: "127.0.0.1", path: "/?a=1", ca: certificate.pem });
    const [response] = (await once(request, "response")) as [IncomingMessage];
    expect(await text(response)).toContain(`<p>https://127.0.0.1:${port}/?a=1</p>`);
    expect(String(response.headers["set-cookie"])).toMatch(/; Secure/);
    const socket = new WebSocket(`wss://127.0.0.1:${port}/live/websocket?vsn=2.0.0`, {
      ca: certificate.pem,
      origin: `https://127.0.0.1:${port}`,
    });
    await once(socket, "open");
    socket.terminate();
  });

  test("a page of HTTP/2 has the host of the pseudo-header", async () => {
    const port = await listen(createSecureServer(options, views.handler));
    const session = connectHttp2(`https://127.0.0.1:${port}`, { ca: certificate.pem });
    const stream = session.request({ ":path": "/?a=1", ":authority": "app.test" });
    const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
    expect(headers[":status"]).toBe(200);
    expect(String(headers["set-cookie"])).toMatch(/; Secure/);
    expect(await text(stream)).toContain("<p>https://app.test/?a=1</p>");
    const head = session.request({ ":path": "/", ":method": "HEAD" });
    expect(await text(head)).toBe("");
    session.close();
  });
});

test("a redirect encodes characters that a header cannot carry", async () => {
  const search = liveView<object>({
    name: "search",
    mount: (socket, params) => socket.redirect(`/results?q=${textParam(params, "q") ?? ""}`),
    render: () => html``,
  });
  const { listening, errors } = await startTestServer({ routes: [live("/", search)] });
  const answer = await answerTo(listening.port, "/?q=%E6%97%A5%0D%0AX-Evil:%201");
  expect(answer).toContain("location: /results?q=%E6%97%A5X-Evil:%201\r\n");
  expect(answer).not.toMatch(/^X-Evil/m);
  expect(errors).toEqual([]);
});

test("an answer that cannot be written becomes a 500, and does not end the process", async () => {
  const { listening, errors } = await startTestServer({
    routes: [live("/", showsUrl)],
    sessions: {
      read: () => undefined,
      start: () => ({ session: { id: "s" }, setCookie: "name=日" }),
    },
  });
  expect(await answerTo(listening.port, "/")).toMatch(/^HTTP\/1.1 500 /);
  expect(errors).toHaveLength(1);
});

test("a page shows the message of an HttpError, never that of a library's error", async () => {
  const failing = (cause: Error) =>
    liveView<object>({
      name: "failing",
      mount() {
        throw cause;
      },
      render: () => html``,
    });
  const ofLibrary = Object.assign(new Error("token sk-1 was refused"), { status: 401 });
  const library = await startTestServer({ routes: [live("/", failing(ofLibrary))] });
  const answer = await answerTo(library.listening.port, "/");
  expect(answer).toMatch(/^HTTP\/1.1 401 /);
  expect(answer).not.toContain("sk-1");

  const own = await startTestServer({
    routes: [live("/", failing(new HttpError(404, "No such page")))],
  });
  expect(await answerTo(own.listening.port, "/")).toContain("No such page");
});

test("a page that switched to long polling is refused with an explanation, which is logged once", async () => {
  const warnings: string[] = [];
  const logger = { warn: (line: string) => void warnings.push(line), error: () => undefined };
  const { url } = await startTestServer({ logger });
  for (const method of ["GET", "POST", "GET"]) {
    const answer = await fetch(new URL("/live/longpoll?vsn=2.0.0", url), { method });
    expect(answer.status).toBe(404);
    expect(await answer.text()).toMatch(/longPollFallbackMs/);
  }
  expect(warnings).toEqual([expect.stringMatching(/long polling.*Remove the option/)]);
});

describe("LiveServer.fetch", () => {
  const views = createLiveServer({ routes: [live("/", showsUrl)], secret: SECRET });

  test("answers a page request with a Response for the URL and scheme of the Request", async () => {
    const response = await views.fetch(new Request("https://app.test/?a=1"));
    expect(response?.status).toBe(200);
    expect(response?.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(response?.headers.getSetCookie()).toEqual([expect.stringMatching(/; Secure/)]);
    expect(await response?.text()).toContain("<p>https://app.test/?a=1</p>");
    const head = await views.fetch(new Request("http://app.test/", { method: "HEAD" }));
    expect(await head?.text()).toBe("");
  });

  test("returns undefined for other paths and methods", async () => {
    expect(await views.fetch(new Request("http://app.test/elsewhere"))).toBeUndefined();
    expect(await views.fetch(new Request("http://app.test/", { method: "POST" }))).toBeUndefined();
  });
});

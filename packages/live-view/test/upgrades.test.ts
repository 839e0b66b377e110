import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { createLiveServer, live, type SessionSource } from "../src/index.ts";
import { nextTurn } from "./reporting-client.ts";
import { counter, SECRET, startTestServer } from "./test-server.ts";

/** Sends a request and reads the answer until the server closes its side. The client keeps its own side open. */
async function answerTo(port: number, lines: readonly string[], body = ""): Promise<string> {
  const stream = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  let answer = "";
  stream.on("data", (chunk: Buffer) => (answer += chunk.toString()));
  stream.write(`${[...lines, "Host: localhost"].join("\r\n")}\r\n\r\n${body}`);
  await once(stream, "end");
  stream.destroy();
  return answer;
}

const H2C = ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"];
const WEBSOCKET = ["Connection: Upgrade", "Upgrade: websocket"];

test("a page request that asks for an upgrade to another protocol is answered without the upgrade", async () => {
  const { listening } = await startTestServer();
  const answer = await answerTo(listening.port, ["GET / HTTP/1.1", ...H2C]);
  expect(answer).toMatch(/^HTTP\/1.1 200 /);
  expect(answer).toMatch(/^connection: close\r$/im);
  expect(answer).toContain('<p class="count">');
  // close() waits for every connection of the server.
  await listening.close();
});

test("a page request whose upgrade is ignored and that is never answered does not delay the close of the server", async () => {
  const server = createLiveServer({ routes: [live("/", counter)], secret: SECRET });
  let isAsked: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => (isAsked = resolve));
  const listening = await server.listen({
    port: 0,
    handleSignals: false,
    fallback: () => isAsked(),
  });
  const answer = answerTo(listening.port, ["GET /elsewhere HTTP/1.1", ...H2C]);
  await asked;
  await listening.close();
  expect(await answer).toBe("");
});

test("a WebSocket request to a path without one is answered like any other request", async () => {
  const { listening } = await startTestServer();
  const answer = await answerTo(listening.port, ["GET /elsewhere HTTP/1.1", ...WEBSOCKET]);
  expect(answer).toMatch(/^HTTP\/1.1 404 /);
});

test("the fallback also answers upgrade requests that are not for views", async () => {
  const server = createLiveServer({ routes: [live("/", counter)], secret: SECRET });
  const listening = await server.listen({
    port: 0,
    handleSignals: false,
    fallback: (request, response) => void response.end(`fallback for ${request.url}`),
  });
  const answer = await answerTo(listening.port, ["GET /elsewhere HTTP/1.1", ...H2C]);
  expect(answer).toContain("fallback for /elsewhere");
  await listening.close();
});

test("an ignored upgrade with a body is refused, because nothing would parse the body", async () => {
  const { listening } = await startTestServer();
  const lengths = [["Content-Length: 4"], ["Transfer-Encoding: chunked"]];
  for (const length of lengths) {
    const request = ["POST /elsewhere HTTP/1.1", ...H2C, ...length];
    expect(await answerTo(listening.port, request, "4\r\nbody\r\n0\r\n\r\n")).toMatch(
      /^HTTP\/1.1 400 /,
    );
  }
});

test("an upgrade of the path of views to another protocol is refused", async () => {
  const { listening } = await startTestServer();
  const request = ["GET /live/websocket?vsn=2.0.0 HTTP/1.1", ...H2C];
  expect(await answerTo(listening.port, request)).toMatch(/^HTTP\/1.1 4\d\d /);
});

test("a server that views are attached to ignores other upgrades, unless it has a listener of its own", async () => {
  const views = createLiveServer({ routes: [live("/", counter)], secret: SECRET });
  const server = createServer((_, response) => response.end("the application's own"));
  views.attach(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const asking = ["GET /hello HTTP/1.1", ...H2C];
  expect(await answerTo(port, asking)).toMatch(/^HTTP\/1.1 200 [^]*the application's own/);
  server.on("upgrade", (_, stream) => stream.end("HTTP/1.1 418 Mine\r\n\r\n"));
  expect(await answerTo(port, asking)).toMatch(/^HTTP\/1.1 418 /);
});

/** Creates a session source that answers when a test calls a function. */
function slowSessions() {
  const reads: (() => void)[] = [];
  const sessions: SessionSource = {
    read: () => new Promise((resolve) => reads.push(() => resolve(undefined))),
  };
  return { reads, sessions };
}

const UPGRADE = [
  "GET /live/websocket?vsn=2.0.0 HTTP/1.1",
  ...WEBSOCKET,
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
];

test("upgrades that wait for their session count as sockets", async () => {
  const { reads, sessions } = slowSessions();
  const { listening, server } = await startTestServer({ sessions, limits: { maxSockets: 4 } });
  const streams = Array.from({ length: 20 }, () => {
    const stream = connect(listening.port, "127.0.0.1");
    stream.write(`${[...UPGRADE, "Host: localhost"].join("\r\n")}\r\n\r\n`);
    return stream;
  });
  onTestFinished(() => streams.forEach((stream) => stream.destroy()));
  let refused = 0;
  const answered = streams.map(async (stream) => {
    const [answer] = (await once(stream, "data")) as [Buffer];
    if (answer.toString().startsWith("HTTP/1.1 503 ")) refused += 1;
  });
  while (refused < 16) await nextTurn();
  expect(reads).toHaveLength(4);
  for (const read of reads) read();
  await Promise.all(answered);
  // The reservations have ended. One socket without a session is open.
  expect(server.figures.sockets).toBe(1);
  expect(refused).toBe(19);
  const later = connect(listening.port, "127.0.0.1");
  later.write(`${[...UPGRADE, "Host: localhost"].join("\r\n")}\r\n\r\n`);
  onTestFinished(() => void later.destroy());
  while (reads.length < 5) await nextTurn();
});

test("a page and a socket whose session is not read within 10 s are answered with 503", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const { reads, sessions } = slowSessions();
  const lines: string[] = [];
  const logger = {
    error: (line: string) => void lines.push(line),
    warn: (line: string) => void lines.push(line),
  };
  const { listening } = await startTestServer({ sessions, logger });
  const answers = [
    answerTo(listening.port, UPGRADE),
    answerTo(listening.port, ["GET / HTTP/1.1", "Connection: close"]),
  ];
  while (reads.length < 2) await nextTurn();
  vi.advanceTimersByTime(10_000);
  for (const answer of await Promise.all(answers)) expect(answer).toMatch(/^HTTP\/1.1 503 /);
  expect(lines).toEqual([
    expect.stringMatching(
      /refused with 503: expected the session source to answer within 10000 ms/,
    ),
  ]);
  // An answer that comes too late changes nothing.
  for (const read of reads) read();
});

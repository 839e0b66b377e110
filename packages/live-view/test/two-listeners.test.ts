import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { WebSocketServer } from "ws";
import { createLiveServer, live } from "../src/index.ts";
import { handleUpgrade } from "../src/transport/upgrade.ts";
import { createWebSocketTransport } from "../src/transport/websocket-transport.ts";
import { loadPage, RawClient } from "./raw-client.ts";
import { counter, SECRET } from "./test-server.ts";

/** Collects unhandled errors, which would end a process. */
function watchProcess(): unknown[] {
  const unhandled: unknown[] = [];
  const note = (cause: unknown): void => void unhandled.push(cause);
  process.on("unhandledRejection", note);
  process.on("uncaughtException", note);
  onTestFinished(() => {
    process.off("unhandledRejection", note);
    process.off("uncaughtException", note);
  });
  return unhandled;
}

function liveServer() {
  const lines: string[] = [];
  const logger = {
    error: (line: string) => void lines.push(line),
    warn: (line: string) => void lines.push(line),
  };
  return {
    lines,
    live: createLiveServer({ routes: [live("/", counter)], secret: SECRET, logger }),
  };
}

async function listen(server: Server): Promise<string> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function expectView(url: string): Promise<void> {
  const page = await loadPage(url);
  const client = await RawClient.openFor(page);
  client.join(page, "1");
  expect((await client.reply("1")).status).toBe("ok");
  client.socket.terminate();
}

/** Ways in which an application adds its own sockets. */
const ownSockets: [name: string, add: (server: Server) => void][] = [
  ["on any path", (server) => void new WebSocketServer({ server })],
  ["on a path of its own", (server) => void new WebSocketServer({ server, path: "/own" })],
  [
    "that it accepts late",
    (server) => {
      const own = new WebSocketServer({ noServer: true });
      server.on("upgrade", (request, stream, head) => {
        setImmediate(() => own.handleUpgrade(request, stream, head, () => undefined));
      });
    },
  ],
];

test.each(ownSockets)(
  "views work if they are attached after the application's own sockets %s",
  async (_, add) => {
    const unhandled = watchProcess();
    const { live: views } = liveServer();
    const server = createServer((request, response) => views.handler(request, response));
    add(server);
    views.attach(server);
    await expectView(await listen(server));
    expect(unhandled).toEqual([]);
  },
);

test.each(ownSockets)(
  "views work if they are attached before the application's own sockets %s",
  async (_, add) => {
    const unhandled = watchProcess();
    const { live: views } = liveServer();
    const server = createServer((request, response) => views.handler(request, response));
    views.attach(server);
    add(server);
    await expectView(await listen(server));
    expect(unhandled).toEqual([]);
  },
);

test("a server to which two LiveServers are attached, one of them twice, serves the views of the first", async () => {
  const unhandled = watchProcess();
  const [first, second] = [liveServer(), liveServer()];
  const server = createServer((request, response) => first.live.handler(request, response));
  first.live.attach(server);
  first.live.attach(server);
  second.live.attach(server);
  await expectView(await listen(server));
  expect(first.live.figures.sockets + second.live.figures.sockets).toBeLessThanOrEqual(1);
  expect(second.lines).toEqual([expect.stringContaining("another LiveServer is attached")]);
  expect(unhandled).toEqual([]);
});

test("an upgrade that another listener answered first is left to that listener, and logged", async () => {
  const unhandled = watchProcess();
  const { lines, live: views } = liveServer();
  const transport = createWebSocketTransport(views.runtime);
  const server = createServer((request, response) => views.handler(request, response));
  const own = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request, stream, head) => {
    own.handleUpgrade(request, stream, head, (socket) => socket.send("[1,2,3,4,5]"));
    void handleUpgrade(views.runtime, transport, request, stream, head);
  });
  const url = await listen(server);
  const client = await RawClient.open(url);
  expect(await client.next(() => true)).toEqual([1, 2, 3, 4, 5]);
  await expect.poll(() => lines.at(-1)).toContain("answered by another listener");
  expect(client.closed).toBeUndefined();
  client.socket.terminate();
  expect(unhandled).toEqual([]);
});

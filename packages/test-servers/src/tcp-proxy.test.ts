import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startTcpProxy } from "./tcp-proxy.ts";
import type { TcpProxy } from "./tcp-proxy.ts";

/** Starts a server that answers every chunk with its name and the chunk. */
async function startEcho(name: string): Promise<Server> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (chunk) => socket.write(`${name}:${chunk.toString()}`));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** A client that collects the received text. */
class Client {
  readonly socket: Socket;
  readonly closed: Promise<unknown>;
  readonly #chunks: string[] = [];

  constructor(port: number) {
    this.socket = connect(port, "127.0.0.1").setEncoding("utf8");
    this.socket.on("error", () => {});
    this.socket.on("data", (chunk: string) => this.#chunks.push(chunk));
    this.closed = new Promise((resolve) => this.socket.once("close", resolve));
  }

  /** Resolves when the received text ends with `text`, which is shorter than two chunks. */
  async until(text: string): Promise<void> {
    while (!this.#chunks.slice(-2).join("").endsWith(text)) await once(this.socket, "data");
  }

  get received(): string {
    return this.#chunks.join("");
  }
}

let echo: Server;
let proxy: TcpProxy;
let clients: Client[];

function newClient(): Client {
  const client = new Client(proxy.port);
  clients.push(client);
  return client;
}

async function talkingClient(): Promise<Client> {
  const client = newClient();
  client.socket.write("hello");
  await client.until("echo:hello");
  return client;
}

beforeEach(async () => {
  clients = [];
  echo = await startEcho("echo");
  proxy = await startTcpProxy({ targetPort: portOf(echo) });
});

afterEach(async () => {
  await proxy.close();
  for (const client of clients) client.socket.destroy();
  echo.close();
  await once(echo, "close");
});

test("the proxy forwards both directions, and the end of a side", async () => {
  const client = await talkingClient();
  expect(proxy.connections).toBe(1);
  client.socket.end("bye");
  await client.until("echo:bye");
  await client.closed;
  expect(client.socket.errored).toBe(null);
  expect(proxy.bytes).toBe("hello".length + "echo:hello".length + "bye".length + "echo:bye".length);
});

test("the proxy forwards more than fits into buffers", async () => {
  const client = newClient();
  const megabytes = 8;
  for (let sent = 0; sent < megabytes; sent += 1) client.socket.write("x".repeat(1_000_000));
  client.socket.write("end");
  await client.until("end");
  expect(client.received.replaceAll(/[^x]/g, "")).toHaveLength(megabytes * 1_000_000);
});

test("cut() resets open connections, and new ones are accepted", async () => {
  const client = await talkingClient();
  proxy.cut();
  await client.closed;
  expect(client.socket.errored).toMatchObject({ code: "ECONNRESET" });
  await talkingClient();
});

test("cut() resets the server's side too", async () => {
  const serverSide = once(echo, "connection") as Promise<[Socket]>;
  await talkingClient();
  const [socket] = await serverSide;
  const error = new Promise((resolve) => socket.once("error", resolve));
  proxy.cut();
  expect(await error).toMatchObject({ code: "ECONNRESET" });
});

test("down() resets new connections too, until up()", async () => {
  const before = await talkingClient();
  proxy.down();
  await before.closed;
  const during = newClient();
  await during.closed;
  expect(during.received).toBe("");
  proxy.up();
  await talkingClient();
});

test("pause() holds back the client's data when called for that direction", async () => {
  const client = await talkingClient();
  const other = new Client(portOf(echo));
  clients.push(other);
  proxy.pause("toServer");
  client.socket.write("held");
  // The round trip outside of the proxy takes longer than the held data would.
  other.socket.write("direct");
  await other.until("echo:direct");
  expect(client.received).not.toContain("held");
  proxy.resume("toServer");
  await client.until("echo:held");
});

test("pause() affects new connections too, and resume() delivers their data", async () => {
  proxy.pause();
  const serverSide = once(echo, "connection");
  const client = newClient();
  client.socket.write("early");
  await serverSide;
  expect(client.received).toBe("");
  proxy.resume("toServer");
  const other = new Client(portOf(echo));
  clients.push(other);
  other.socket.write("direct");
  await other.until("echo:direct");
  expect(client.received).toBe("");
  proxy.resume("toClient");
  await client.until("echo:early");
});

test("dropAnswers() drops and counts answers until deliverAnswers()", async () => {
  const client = await talkingClient();
  proxy.dropAnswers();
  client.socket.write("lost");
  await proxy.untilDropped(1);
  expect(proxy.droppedAnswers).toBe(1);
  proxy.deliverAnswers();
  client.socket.write("found");
  await client.until("echo:found");
  expect(client.received).toBe("echo:helloecho:found");
});

test("dropAnswers() drops only matching answers", async () => {
  const client = await talkingClient();
  proxy.dropAnswers((text) => text.includes("secret"));
  client.socket.write("secret");
  await proxy.untilDropped(1);
  client.socket.write("public");
  await client.until("echo:public");
  expect(client.received).toBe("echo:helloecho:public");
});

test("retarget() sends new connections to another server", async () => {
  const next = await startEcho("next");
  try {
    const old = await talkingClient();
    proxy.retarget(portOf(next));
    const client = newClient();
    client.socket.write("hello");
    await client.until("hello");
    old.socket.write("still");
    await old.until("still");
    expect([client.received, old.received]).toEqual(["next:hello", "echo:helloecho:still"]);
    client.socket.destroy();
    await client.closed;
  } finally {
    next.close();
    await proxy.close();
    await once(next, "close");
    proxy = await startTcpProxy({ targetPort: portOf(echo) });
  }
});

test("the proxy resets the client if the server cannot be reached", async () => {
  const gone = await startEcho("gone");
  proxy.retarget(portOf(gone));
  gone.close();
  await once(gone, "close");
  const client = newClient();
  await client.closed;
  expect(client.received).toBe("");
  await expect.poll(() => proxy.connections).toBe(0);
});

import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { Server } from "node:http";
import { connect } from "node:net";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import { freePort } from "./free-port.ts";
import { startNginx } from "./start-nginx.ts";
import type { NginxServer } from "./start-nginx.ts";

/** A node that answers with its name and the request's headers, and accepts upgrades. */
class Node {
  port = 0;
  /** The status of its answers, such as 503. */
  status = 200;
  readonly #name: string;
  readonly #upgraded = new Set<Duplex>();
  #server: Server | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  async start(port = 0): Promise<void> {
    const server = createServer(({ headers }, response) => {
      response
        .writeHead(this.status)
        .end(`${this.#name} ${headers.host} ${headers.connection ?? "kept"}`);
    });
    server.on("upgrade", ({ headers }, stream) => {
      if (this.status === 503) {
        stream.end("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
        return;
      }
      this.#upgraded.add(stream);
      stream.write("HTTP/1.1 101 Switching Protocols\r\n");
      stream.write(`Upgrade: ${headers.upgrade}\r\nConnection: upgrade\r\n\r\n`);
      stream.on("data", (chunk) => stream.write(`${this.#name}:${String(chunk)}`));
      stream.on("error", () => {});
    });
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    this.port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server?.close(resolve));
    this.#server?.closeAllConnections();
    for (const stream of this.#upgraded) stream.destroy();
    await closed;
  }
}

let nodes: readonly [Node, Node];
let nginx: NginxServer;

beforeEach(async () => {
  nodes = [new Node("one"), new Node("two")];
  for (const node of nodes) await node.start();
  nginx = await startNginx({ nodes: nodes.map(({ port }) => port), nodeHeader: "x-node" });
});

afterEach(async () => {
  await nginx.close();
  for (const node of nodes) await node.stop();
});

async function ask(): Promise<string> {
  const response = await fetch(nginx.url);
  return `${response.status} ${await response.text()}`;
}

/** Opens a WebSocket, sends `hello`, and returns all data up to the answer. */
async function upgrade(): Promise<string> {
  const socket = connect(nginx.port, "127.0.0.1");
  socket.write(
    "GET / HTTP/1.1\r\nHost: shop.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
  );
  let received = "";
  while (!received.endsWith(":hello") && !/^HTTP\/1.1 [45]/.test(received)) {
    const [chunk] = (await once(socket, "data")) as [Buffer];
    if (received === "") socket.write("hello");
    received += String(chunk);
  }
  socket.destroy();
  return received;
}

test("nginx alternates between the nodes, which receive the browser's host", async () => {
  const host = `127.0.0.1:${nginx.port}`;
  expect([await ask(), await ask(), await ask()]).toEqual([
    `200 one ${host} kept`,
    `200 two ${host} kept`,
    `200 one ${host} kept`,
  ]);
});

test("nginx alternates between the nodes for WebSockets too, and the 101 names the node", async () => {
  const answers = [await upgrade(), await upgrade()];
  expect(answers.map((text) => text.slice(-9))).toEqual(["one:hello", "two:hello"]);
  expect(answers.map((text) => /^x-node: (.*)\r$/m.exec(text)?.[1])).toEqual(
    nodes.map(({ port }) => `127.0.0.1:${port}`),
  );
});

test("nginx skips a node that is down or drains, until the node is back", async () => {
  const [one, two] = nodes;
  await one.stop();
  for (let times = 0; times < 3; times += 1) expect(await ask()).toContain("200 two");
  expect(await upgrade()).toContain("two:hello");

  await one.start(one.port);
  two.status = 503;
  for (let times = 0; times < 3; times += 1) {
    expect(await ask()).toContain("200 one");
    expect(await upgrade()).toContain("one:hello");
  }
  two.status = 200;
  expect([await ask(), await ask()].sort().map((text) => text.slice(0, 7))).toEqual([
    "200 one",
    "200 two",
  ]);
});

test("nginx leaves nothing behind, and the error of a failed start has its output", async () => {
  await expect(startNginx({ nodes: [await freePort()], port: nginx.port })).rejects.toThrow(
    /nginx.*Address already in use/s,
  );
  const folder = /-p (\S+)/.exec(nginx.output())?.[1];
  await nginx.close();
  expect(existsSync(folder ?? "/")).toBe(folder === undefined);
  await expect(fetch(nginx.url)).rejects.toThrow("fetch failed");
});

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { text as textOf } from "node:stream/consumers";
import { bundleProgram, startTcpProxy } from "@live-stash/test-servers";
import { describe, expect, it, vi } from "vitest";
import { SECRET } from "../../../test/fake-page.ts";
import {
  OTHER_SECRET,
  useHttpPeerNodes,
  echo,
  never,
  text,
  ONE,
  TWO,
  THREE,
} from "../../../test/http-peer-nodes.ts";
import { MAX_PEER_MESSAGE_BYTES, type PeerReply, peersOverHttp } from "../../entries/peers.ts";
import { createHttpNetwork } from "./http-network.ts";

const { start, closing } = useHttpPeerNodes();

describe("a network over HTTP", () => {
  it("finds other nodes by name, and not its own", async () => {
    const two = await start({ name: TWO });
    const three = await start({ name: THREE, answer: () => undefined });
    const own = createServer().listen(0, "127.0.0.1");
    await once(own, "listening");
    const { port } = own.address() as AddressInfo;
    await new Promise((resolve) => own.close(resolve));
    const nodes = [`http://127.0.0.1:${port}`, two.url, three.url];
    const one = await start({ name: ONE, port, nodes });
    expect((await one.nodes(never())).toSorted()).toEqual([TWO, THREE]);
    expect(text(await one.ask(TWO, Buffer.from("hello"), never()))).toBe("echo hello");
    expect(text(await one.ask(THREE, Buffer.from("hello"), never()))).toBe("answered");
    expect(text(await one.ask(ONE, Buffer.from("hello"), never()))).toBe("gone");
    expect(text(await one.ask("DDDDDDDDDDA", Buffer.from("hello"), never()))).toBe("gone");
    expect(text(await one.askOthers(Buffer.from("all"), undefined, never()))).toBe("echo all");
    expect(text(await one.askOthers(Buffer.from("all"), TWO, never()))).toBe("answered");
  });

  it("treats a process that restarted at the same address as another node", async () => {
    const two = await start({ name: TWO });
    const one = await start({ nodes: [two.url] });
    expect(text(await one.ask(TWO, Buffer.from("1"), never()))).toBe("echo 1");
    const port = two.port ?? 0;
    await two.close();
    expect(text(await one.ask(TWO, Buffer.from("2"), never()))).toBe("gone");
    await start({ name: THREE, port });
    expect(text(await one.ask(THREE, Buffer.from("3"), never()))).toBe("echo 3");
    expect(text(await one.ask(TWO, Buffer.from("4"), never()))).toBe("gone");
    expect(text(await one.askOthers(Buffer.from("5"), undefined, never()))).toBe("echo 5");
  });

  it("distinguishes nodes that replace each other behind a server of the application", async () => {
    const two = await start({ name: TWO });
    const successor = await start({ name: THREE });
    let target = two;
    const front = createHttpServer((_, response) => response.writeHead(404).end());
    front.on("upgrade", (request, socket, head) => {
      if (request.url === "/peers") target.handleUpgrade(request, socket, head);
      else socket.destroy();
    });
    front.listen(0, "127.0.0.1");
    await once(front, "listening");
    closing.push(async () => front.close());
    const { port } = front.address() as AddressInfo;
    const one = await start({ nodes: [`http://127.0.0.1:${port}/peers`] });
    expect(text(await one.ask(TWO, Buffer.from("1"), never()))).toBe("echo 1");
    target = successor;
    expect(text(await one.ask(TWO, Buffer.from("2"), never()))).toBe("echo 2");
    await two.close();
    expect(text(await one.ask(TWO, Buffer.from("3"), never()))).toBe("gone");
    expect(text(await one.ask(THREE, Buffer.from("4"), never()))).toBe("echo 4");
  });

  it("does not connect nodes with different secrets, and follows a rotation of secrets", async () => {
    const stranger = await start({ name: TWO, secret: OTHER_SECRET });
    const one = await start({ nodes: [stranger.url] });
    expect(await one.nodes(never())).toEqual([]);
    expect(text(await one.askOthers(Buffer.from("x"), undefined, never()))).toBe("answered");
    const both = await start({ name: THREE, secret: [OTHER_SECRET, SECRET] });
    const old = await start({ nodes: [both.url] });
    expect(text(await old.ask(THREE, Buffer.from("x"), never()))).toBe("gone");
    const ready = await start({ nodes: [both.url], secret: [SECRET, OTHER_SECRET] });
    expect(text(await ready.ask(THREE, Buffer.from("x"), never()))).toBe("echo x");
  });

  it("carries many concurrent requests, and the largest", async () => {
    const two = await start({ name: TWO });
    const one = await start({ nodes: [two.url] });
    const requests = Array.from({ length: 200 }, (_, index) => Buffer.from(String(index)));
    const answers = await Promise.all(requests.map((each) => one.ask(TWO, each, never())));
    expect(answers.map(text)).toEqual(requests.map((each) => `echo ${each.toString()}`));
    const large = Buffer.alloc(MAX_PEER_MESSAGE_BYTES - 5, 1);
    const largest = await one.ask(TWO, large, never());
    expect(text(largest)).toHaveLength(MAX_PEER_MESSAGE_BYTES);
    const tooLarge = Buffer.alloc(MAX_PEER_MESSAGE_BYTES + 1);
    expect(text(await one.ask(TWO, tooLarge, never()))).toBe("answered");
    expect(text(await one.ask(TWO, Buffer.from("after"), never()))).toBe("echo after");
  });

  it("does not ask a silent node again for a while", async () => {
    let connections = 0;
    const silent = createServer(() => {
      connections += 1;
    }).listen(0, "127.0.0.1");
    await once(silent, "listening");
    closing.push(async () => silent.close());
    const { port } = silent.address() as AddressInfo;
    const one = await start({ nodes: [`http://127.0.0.1:${port}`] });
    // The first attempt timed out, so the next ones do not wait.
    for (let count = 0; count < 3; count += 1) {
      expect(text(await one.askOthers(Buffer.from("x"), undefined, never()))).toBe("silent");
    }
    expect(connections).toBe(1);
  });

  it("sends a request again over a new connection if the first one is cut", async () => {
    const answers: (() => void)[] = [];
    const two = await start({
      name: TWO,
      answer: async (request) => {
        await new Promise<void>((resolve) => answers.push(resolve));
        return request;
      },
    });
    const network = await startTcpProxy({ targetPort: two.port ?? 0 });
    closing.push(() => network.close());
    const one = await start({ nodes: [`http://127.0.0.1:${network.port}`] });
    for (let count = 1; count <= 2; count += 1) {
      const asked = one.ask(TWO, Buffer.from("x"), never());
      await vi.waitFor(() => expect(answers).toHaveLength(2 * count - 1));
      network.cut();
      await vi.waitFor(() => expect(answers).toHaveLength(2 * count));
      for (const answer of answers) answer();
      expect(text(await asked)).toBe("x");
    }
  });

  it("asks over a new connection as soon as one ends", async () => {
    const two = await start({ name: TWO });
    const network = await startTcpProxy({ targetPort: two.port ?? 0 });
    closing.push(() => network.close());
    const one = await start({ nodes: [`http://127.0.0.1:${network.port}`] });
    const answers: Promise<PeerReply>[] = [];
    for (let count = 0; count < 10; count += 1) {
      network.cut();
      // In each turn of the event loop: before the socket is known to be closed, and after.
      for (let turn = 0; turn < 30; turn += 1) {
        answers.push(one.ask(TWO, Buffer.from("x"), never()));
        answers.push(one.askOthers(Buffer.from("x"), undefined, never()));
        await new Promise((resolve) => setImmediate(resolve));
      }
      await Promise.all(answers);
    }
    expect(new Set((await Promise.all(answers)).map(text))).toEqual(new Set(["echo x"]));
  });

  it("keeps the connection of a node that was frozen for a while, and its pending requests", async () => {
    const two = await start({ name: TWO });
    const network = await startTcpProxy({ targetPort: two.port ?? 0 });
    closing.push(() => network.close());
    const one = await start({ nodes: [`http://127.0.0.1:${network.port}`] });
    expect(await one.nodes(never())).toEqual([TWO]);
    network.pause();
    const patient = one.ask(TWO, Buffer.from("patient"), never());
    const hasty = [1, 2, 3].map(() => one.ask(TWO, Buffer.from("x"), timeOut(200)));
    expect((await Promise.all(hasty)).map(text)).toEqual(["silent", "silent", "silent"]);
    network.resume();
    expect(text(await patient)).toBe("echo patient");
    expect(text(await one.ask(TWO, Buffer.from("x"), never()))).toBe("echo x");
    expect(network.connections).toBe(1);
  });

  it("replaces a connection that leads nowhere, even while that node sends requests itself", async () => {
    const network = await startTcpProxy({ targetPort: 1 });
    closing.push(() => network.close());
    const one = await start({ nodes: [`http://127.0.0.1:${network.port}`] });
    const two = await start({ name: TWO, nodes: [one.url] });
    network.retarget(two.port ?? 0);
    expect(await one.nodes(never())).toEqual([TWO]);
    network.pause();
    const speaking = setInterval(() => void two.ask(ONE, Buffer.from("I am here"), never()), 20);
    for (let count = 0; count < 2; count += 1) {
      expect(text(await one.ask(TWO, Buffer.from("x"), timeOut(200)))).toBe("silent");
    }
    clearInterval(speaking);
    // Answers that were held back on the first connection belong to no request any more.
    network.resume();
    await vi.waitFor(async () => {
      expect(text(await one.ask(TWO, Buffer.from("x"), never()))).toBe("echo x");
    });
  });

  it("closes the connection to an address that the directory no longer lists, even one that is opening", async () => {
    const two = await start({ name: TWO });
    let open = 0;
    const slow = createHttpServer();
    slow.on("upgrade", (request, socket, head) => {
      open += 1;
      socket.once("close", () => (open -= 1));
      setTimeout(() => two.handleUpgrade(request, socket, head), 50);
    });
    slow.listen(0, "127.0.0.1");
    await once(slow, "listening");
    closing.push(async () => slow.close());
    const { port } = slow.address() as AddressInfo;
    const address = { key: "two", target: { host: "127.0.0.1", port, path: "/" } };
    let addresses = [address];
    const one = createHttpNetwork({
      secrets: [SECRET],
      directory: () => ({ addresses: () => Promise.resolve(addresses) }),
      listen: undefined,
    });
    await one.open(ONE, echo);
    const greeted = one.nodes(never());
    await vi.waitFor(() => expect(open).toBe(1));
    addresses = [];
    expect(await one.nodes(never())).toEqual([]);
    await greeted;
    await vi.waitFor(() => expect(open).toBe(0));
    addresses = [address];
    expect(await one.nodes(never())).toEqual([TWO]);
    expect(open).toBe(1);
    await one.close();
    await vi.waitFor(() => expect(open).toBe(0));
  });

  it("waits for a slow directory no longer than the signal allows", async () => {
    const one = createHttpNetwork({
      secrets: [SECRET],
      directory: () => ({ addresses: () => new Promise(() => {}) }),
      listen: undefined,
    });
    await one.open(ONE, echo);
    closing.push(() => one.close());
    expect(await one.nodes(timeOut(20))).toEqual([]);
    expect(text(await one.ask(TWO, Buffer.of(), timeOut(20)))).toBe("silent");
    expect(text(await one.askOthers(Buffer.of(), undefined, timeOut(20)))).toBe("silent");
  });

  it("does not count a frozen node among the reachable ones until that node answers", async () => {
    const two = await start({ name: TWO });
    const network = await startTcpProxy({ targetPort: two.port ?? 0 });
    closing.push(() => network.close());
    const one = await start({ nodes: [`http://127.0.0.1:${network.port}`] });
    expect(await one.nodes(never())).toEqual([TWO]);
    network.pause();
    expect(await one.nodes(never())).toEqual([]);
    expect(text(await one.ask(TWO, Buffer.from("x"), never()))).toBe("silent");
    network.resume();
    await vi.waitFor(async () => expect(await one.nodes(never())).toEqual([TWO]));
    expect(text(await one.ask(TWO, Buffer.from("x"), never()))).toBe("echo x");
  });

  it("keeps a process running until it is open, and no longer", async () => {
    const one = await start();
    const program = await bundleProgram(
      new URL("../../../test/asking-process.ts", import.meta.url),
    );
    closing.push(() => program.close());
    const child = spawn(process.execPath, [program.path, one.url, SECRET]);
    expect(await textOf(child.stdout)).toBe("opened\n");
  });

  it("resolves with silence for an aborted request and after it has closed", async () => {
    const two = await start({ name: TWO, answer: () => new Promise(() => {}) });
    const one = await start({ nodes: [two.url] });
    const controller = new AbortController();
    const asked = one.ask(TWO, Buffer.from("x"), controller.signal);
    controller.abort();
    expect(text(await asked)).toBe("silent");
    expect(text(await one.ask(TWO, Buffer.from("x"), controller.signal))).toBe("silent");
    await one.close();
    expect(text(await one.ask(TWO, Buffer.from("x"), AbortSignal.timeout(100)))).toBe("silent");
  });
});

/** A signal that aborts as that of a lookup that has timed out. */
function timeOut(ms: number): AbortSignal {
  const controller = new AbortController();
  const reason = new DOMException("No answer in time.", "TimeoutError");
  setTimeout(() => controller.abort(reason), ms).unref();
  return controller.signal;
}

describe("peersOverHttp() with invalid options", () => {
  it.each([
    [{}, "either `nodes` or `dns`"],
    [{ nodes: [], dns: "x" }, "got both"],
    [{ nodes: "http://10.0.0.1" }, "a list of URLs"],
    [{ nodes: ["https://10.0.0.1"] }, "URLs such as"],
    [{ nodes: ["10.0.0.1:4100"] }, "URLs such as"],
    [{ nodes: ["http://me:secret@10.0.0.1"] }, "without a user"],
    [{ dns: "", port: 1 }, "a host name"],
    [{ dns: "nodes" }, "a port"],
    [{ dns: "nodes", port: 70_000 }, "from 1 to 65535"],
    [{ dns: "nodes", port: 1, path: "peers" }, "begins with"],
    [{ dns: "nodes", port: 1, path: "/my peers" }, "escaped as in a URL"],
    [{ nodes: [], listen: {} }, "listen.port"],
    [{ nodes: [], listen: { port: 1, host: 5 } }, "listen.host"],
    [{ nodes: [], listen: 4100 }, "an object"],
    [{ nodes: [], secret: "short" }, "at least 32 characters"],
    [{ nodes: [], insecure: true }, "another name"],
  ])("throws invalid_option: %j", (options, message) => {
    const call = (): unknown => peersOverHttp(options as never);
    expect(call).toThrow(message);
    expect(call).toThrow(expect.objectContaining({ code: "invalid_option" }));
  });
});

import { once } from "node:events";
import { createServer as createHttpServer, request as httpRequest } from "node:http";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { startTcpProxy } from "@live-stash/test-servers";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { SECRET } from "../../../../test/fake-page.ts";
import {
  type HttpPeers,
  MAX_PEER_MESSAGE_BYTES,
  type NodeName,
  type PeerHandler,
  peersOverHttp,
} from "../../../index.ts";
import { type ConnectOutcome, connectToPeer } from "./connect-to-peer.ts";
import { frameOf, FrameReader } from "./frames.ts";
import { PeerHellos } from "./hellos.ts";
import { createHttpNetwork } from "./http-network.ts";
import { HELLO_HEADER, PEER_PROTOCOL } from "./peer-protocol.ts";
import { newSessionKey, openInSession, sealInSession } from "./session-key.ts";

const ONE: NodeName = "AAAAAAAAAAA";
const TWO: NodeName = "BBBBBBBBBBA";
const THREE: NodeName = "CCCCCCCCCCA";
const OTHER_SECRET = "another secret of the tests, or an older one";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const echo: PeerHandler = (request) => Buffer.concat([Buffer.from("echo "), request]);
const never = (): AbortSignal => new AbortController().signal;
const text = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : Buffer.from(bytes).toString();

interface NodeOptions {
  readonly name?: NodeName;
  readonly port?: number;
  readonly nodes?: readonly string[];
  readonly secret?: string | readonly string[];
  readonly answer?: PeerHandler;
}

async function start(options: NodeOptions = {}): Promise<HttpPeers & { readonly url: string }> {
  const { name = ONE, port = 0, nodes = [], secret = SECRET, answer = echo } = options;
  const network = peersOverHttp({ nodes, secret, listen: { port, host: "127.0.0.1" } });
  await network.open(name, answer);
  closing.push(() => network.close());
  const url = `http://127.0.0.1:${network.port}`;
  return {
    ...network,
    url,
    get port() {
      return network.port;
    },
  };
}

describe("nodes", () => {
  it("find each other by name, and not themselves", async () => {
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
    expect(await one.ask(THREE, Buffer.from("hello"), never())).toBeUndefined();
    expect(await one.ask(ONE, Buffer.from("hello"), never())).toBeUndefined();
    expect(await one.ask("DDDDDDDDDDA", Buffer.from("hello"), never())).toBeUndefined();
    expect(text(await one.askOthers(Buffer.from("all"), undefined, never()))).toBe("echo all");
    expect(await one.askOthers(Buffer.from("all"), TWO, never())).toBeUndefined();
  });

  it("that are restarted are another node at the same address", async () => {
    const two = await start({ name: TWO });
    const one = await start({ nodes: [two.url] });
    expect(text(await one.ask(TWO, Buffer.from("1"), never()))).toBe("echo 1");
    const port = two.port ?? 0;
    await two.close();
    expect(await one.ask(TWO, Buffer.from("2"), never())).toBeUndefined();
    await start({ name: THREE, port });
    expect(text(await one.ask(THREE, Buffer.from("3"), never()))).toBe("echo 3");
    expect(await one.ask(TWO, Buffer.from("4"), never())).toBeUndefined();
    expect(text(await one.askOthers(Buffer.from("5"), undefined, never()))).toBe("echo 5");
  });

  it("behind a server of the application's are told apart when they are replaced", async () => {
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
    expect(await one.ask(TWO, Buffer.from("3"), never())).toBeUndefined();
    expect(text(await one.ask(THREE, Buffer.from("4"), never()))).toBe("echo 4");
  });

  it("with another secret are strangers; with several secrets they follow a rotation", async () => {
    const stranger = await start({ name: TWO, secret: OTHER_SECRET });
    const one = await start({ nodes: [stranger.url] });
    expect(await one.nodes(never())).toEqual([]);
    expect(await one.askOthers(Buffer.from("x"), undefined, never())).toBeUndefined();
    const both = await start({ name: THREE, secret: [OTHER_SECRET, SECRET] });
    const old = await start({ nodes: [both.url] });
    expect(text(await old.ask(THREE, Buffer.from("x"), never()))).toBe(undefined);
    const ready = await start({ nodes: [both.url], secret: [SECRET, OTHER_SECRET] });
    expect(text(await ready.ask(THREE, Buffer.from("x"), never()))).toBe("echo x");
  });

  it("take many requests at once, small ones and the largest", async () => {
    const two = await start({ name: TWO });
    const one = await start({ nodes: [two.url] });
    const requests = Array.from({ length: 200 }, (_, index) => Buffer.from(String(index)));
    const answers = await Promise.all(requests.map((each) => one.ask(TWO, each, never())));
    expect(answers.map(text)).toEqual(requests.map((each) => `echo ${each.toString()}`));
    const large = Buffer.alloc(MAX_PEER_MESSAGE_BYTES - 5, 1);
    expect((await one.ask(TWO, large, never()))?.length).toBe(MAX_PEER_MESSAGE_BYTES);
    const tooLarge = Buffer.alloc(MAX_PEER_MESSAGE_BYTES + 1);
    expect(await one.ask(TWO, tooLarge, never())).toBeUndefined();
    expect(text(await one.ask(TWO, Buffer.from("after"), never()))).toBe("echo after");
  });

  it("that are silent are not asked again for a while", async () => {
    let connections = 0;
    const silent = createServer(() => {
      connections += 1;
    }).listen(0, "127.0.0.1");
    await once(silent, "listening");
    closing.push(async () => silent.close());
    const { port } = silent.address() as AddressInfo;
    const one = await start({ nodes: [`http://127.0.0.1:${port}`] });
    // It has said hello in vain; whoever asks now does not wait.
    for (let count = 0; count < 3; count += 1) {
      expect(await one.askOthers(Buffer.from("x"), undefined, never())).toBeUndefined();
    }
    expect(connections).toBe(1);
  });

  it("whose connection is cut are asked again over another one", async () => {
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

  it("are asked over another connection from the moment at which one ends", async () => {
    const two = await start({ name: TWO });
    const network = await startTcpProxy({ targetPort: two.port ?? 0 });
    closing.push(() => network.close());
    const one = await start({ nodes: [`http://127.0.0.1:${network.port}`] });
    const answers: Promise<Uint8Array | undefined>[] = [];
    for (let count = 0; count < 10; count += 1) {
      network.cut();
      // In each turn of the event loop, before the socket is known to be closed, and after.
      for (let turn = 0; turn < 30; turn += 1) {
        answers.push(one.ask(TWO, Buffer.from("x"), never()));
        answers.push(one.askOthers(Buffer.from("x"), undefined, never()));
        await new Promise((resolve) => setImmediate(resolve));
      }
      await Promise.all(answers);
    }
    expect(new Set((await Promise.all(answers)).map(text))).toEqual(new Set(["echo x"]));
  });

  it("that were frozen for a while keep their connections, and what they were asked", async () => {
    const two = await start({ name: TWO });
    const network = await startTcpProxy({ targetPort: two.port ?? 0 });
    closing.push(() => network.close());
    const one = await start({ nodes: [`http://127.0.0.1:${network.port}`] });
    expect(await one.nodes(never())).toEqual([TWO]);
    network.pause();
    const patient = one.ask(TWO, Buffer.from("patient"), never());
    const hasty = [1, 2, 3].map(() => one.ask(TWO, Buffer.from("x"), timeOut(200)));
    expect(await Promise.all(hasty)).toEqual([undefined, undefined, undefined]);
    network.resume();
    expect(text(await patient)).toBe("echo patient");
    expect(text(await one.ask(TWO, Buffer.from("x"), never()))).toBe("echo x");
    expect(network.connections).toBe(1);
  });

  it("are asked over another connection once one leads nowhere, also if they speak themselves", async () => {
    const network = await startTcpProxy({ targetPort: 1 });
    closing.push(() => network.close());
    const one = await start({ nodes: [`http://127.0.0.1:${network.port}`] });
    const two = await start({ name: TWO, nodes: [one.url] });
    network.retarget(two.port ?? 0);
    expect(await one.nodes(never())).toEqual([TWO]);
    network.pause();
    const speaking = setInterval(() => void two.ask(ONE, Buffer.from("I am here"), never()), 20);
    for (let count = 0; count < 2; count += 1) {
      expect(await one.ask(TWO, Buffer.from("x"), timeOut(200))).toBeUndefined();
    }
    clearInterval(speaking);
    // What was held back on the first connection is for nobody any more.
    network.resume();
    await vi.waitFor(async () => {
      expect(text(await one.ask(TWO, Buffer.from("x"), never()))).toBe("echo x");
    });
  });

  it("whose address is gone have no connection left, whenever it went", async () => {
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

  it("are not waited for longer than the signal if their addresses are not found", async () => {
    const one = createHttpNetwork({
      secrets: [SECRET],
      directory: () => ({ addresses: () => new Promise(() => {}) }),
      listen: undefined,
    });
    await one.open(ONE, echo);
    closing.push(() => one.close());
    expect(await one.nodes(timeOut(20))).toEqual([]);
    expect(await one.ask(TWO, Buffer.of(), timeOut(20))).toBeUndefined();
    expect(await one.askOthers(Buffer.of(), undefined, timeOut(20))).toBeUndefined();
  });

  it("that are frozen are not among those that can be reached, until they are heard of", async () => {
    const two = await start({ name: TWO });
    const network = await startTcpProxy({ targetPort: two.port ?? 0 });
    closing.push(() => network.close());
    const one = await start({ nodes: [`http://127.0.0.1:${network.port}`] });
    expect(await one.nodes(never())).toEqual([TWO]);
    network.pause();
    expect(await one.nodes(never())).toEqual([]);
    expect(await one.ask(TWO, Buffer.from("x"), never())).toBeUndefined();
    network.resume();
    await vi.waitFor(async () => expect(await one.nodes(never())).toEqual([TWO]), 10_000);
    expect(text(await one.ask(TWO, Buffer.from("x"), never()))).toBe("echo x");
  });

  it("that are asked in vain reject nothing, and nothing is left of it", async () => {
    const two = await start({ name: TWO, answer: () => new Promise(() => {}) });
    const one = await start({ nodes: [two.url] });
    const controller = new AbortController();
    const asked = one.ask(TWO, Buffer.from("x"), controller.signal);
    controller.abort();
    expect(await asked).toBeUndefined();
    expect(await one.ask(TWO, Buffer.from("x"), controller.signal)).toBeUndefined();
    await one.close();
    expect(await one.ask(TWO, Buffer.from("x"), AbortSignal.timeout(100))).toBeUndefined();
  });
});

describe("strangers", () => {
  const hellos = new PeerHellos([SECRET]);
  type Connected = Extract<ConnectOutcome, { kind: "connected" }>;

  async function connectTo(node: HttpPeers): Promise<Connected> {
    const address = { key: "", target: { host: "127.0.0.1", port: node.port ?? 0, path: "/" } };
    const outcome = await connectToPeer(address, hellos, TWO, never());
    if (outcome.kind !== "connected") throw new Error(`Expected a connection: ${outcome.kind}.`);
    outcome.socket.on("error", () => {});
    closing.push(async () => outcome.socket.destroy());
    return outcome;
  }

  const sealed = ({ session }: Connected, number: number, request: string): Buffer =>
    frameOf(...sealInSession(session.key, "request", number, Buffer.from(request)));

  const isClosed = async (socket: Socket): Promise<true> => {
    socket.resume();
    if (!socket.closed) await once(socket, "close");
    return true;
  };

  function statusOf(
    node: HttpPeers,
    headers: Record<string, string>,
    method = "GET",
  ): Promise<string> {
    return new Promise((resolve, reject) => {
      const options = { host: "127.0.0.1", port: node.port, agent: false, method, headers };
      const sent = httpRequest(options, (answer) => {
        answer.resume();
        answer.once("end", () => resolve(`${answer.statusCode} ${answer.headers.connection}`));
      });
      sent.once("upgrade", (_, socket: Socket) => {
        socket.destroy();
        resolve("upgraded");
      });
      sent.once("error", reject);
      sent.end();
    });
  }

  it("are told no more than a status", async () => {
    const one = await start();
    const upgrade = { connection: "Upgrade", upgrade: PEER_PROTOCOL };
    const header = (hello: Buffer): Record<string, string> => ({
      ...upgrade,
      [HELLO_HEADER]: hello.toString("base64url"),
    });
    const good = hellos.hello(TWO);
    const flipped = Buffer.from(good);
    flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1;
    expect(await statusOf(one, header(good))).toBe("upgraded");
    expect(await statusOf(one, {})).toBe("426 close");
    expect(await statusOf(one, {}, "POST")).toBe("426 close");
    expect(await statusOf(one, header(good), "POST")).toBe("426 close");
    expect(await statusOf(one, { ...header(good), upgrade: "websocket" })).toBe("426 close");
    expect(await statusOf(one, upgrade)).toBe("401 close");
    for (const bad of [
      new PeerHellos([OTHER_SECRET]).hello(TWO),
      flipped,
      good.subarray(0, -1),
      Buffer.concat([good, Buffer.of(0)]),
      Buffer.alloc(2_000),
    ]) {
      expect(await statusOf(one, header(bad))).toBe("401 close");
    }
    expect(text(await (await start({ nodes: [one.url] })).ask(ONE, Buffer.of(), never()))).toBe(
      undefined,
    );
  });

  it("get nowhere with what they make up, change, move or send again", async () => {
    const answered: string[] = [];
    const answer: PeerHandler = (request) => {
      answered.push(Buffer.from(request).toString());
      return request;
    };
    const one = await start({ answer });
    const recorded = await connectTo(one);
    const stranger = { ...recorded, session: { node: ONE, key: newSessionKey() } };
    const bad: ((connection: Connected) => Buffer[])[] = [
      (to) => [sealed({ ...to, session: stranger.session }, 1, "")],
      (to) => [sealed(to, 0, "")],
      (to) => [sealed(to, 2, "")],
      (to) => [sealed(to, 1, "not empty")],
      // Of another connection.
      () => [sealed(recorded, 1, "")],
      // What goes in one direction goes in no other.
      ({ session }) => [frameOf(...sealInSession(session.key, "answer", 1, Buffer.of()))],
      (to) => [sealed(to, 1, ""), sealed(to, 1, "again")],
      (to) => [sealed(to, 1, ""), sealed(to, 3, "left out")],
      (to) => [sealed(to, 1, ""), sealed(to, 2, "flipped").fill(7, 6, 7)],
      (to) => [sealed(to, 1, ""), frameOf(Buffer.alloc(5))],
      () => [frameOf(Buffer.of())],
    ];
    for (const write of bad) {
      const connection = await connectTo(one);
      for (const frame of write(connection)) connection.socket.write(frame);
      expect(await isClosed(connection.socket)).toBe(true);
    }
    expect(answered).toEqual([]);

    const good = await connectTo(one);
    good.socket.write(Buffer.concat([sealed(good, 1, ""), sealed(good, 2, "good")]));
    const [, ofSecond] = await framesFrom(good.socket, 2);
    expect(ofSecond?.readUInt32BE()).toBe(2);
    const { key } = good.session;
    const said = ofSecond?.subarray(4) ?? Buffer.of();
    expect(text(openInSession(key, "answer", 2, said))).toBe("good");
    expect(openInSession(key, "answer", 3, said)).toBeUndefined();
    expect(openInSession(key, "request", 2, said)).toBeUndefined();
    expect(answered).toEqual(["good"]);
  });

  it("cannot answer for a node, or have its answers taken for others", () => {
    const key = newSessionKey();
    const hello = hellos.hello(ONE);
    const answer = hellos.answer(hello, { node: TWO, key });
    expect(hellos.openAnswer(hello, answer)?.node).toBe(TWO);
    expect(hellos.openAnswer(hellos.hello(ONE), answer)).toBeUndefined();
    expect(new PeerHellos([OTHER_SECRET]).openAnswer(hello, answer)).toBeUndefined();
    expect(hellos.openHello(answer)).toBeUndefined();
    expect(hellos.openAnswer(hello, hello)).toBeUndefined();
  });

  it("have nothing collected that they send", async () => {
    const one = await start();
    const { socket } = await connectTo(one);
    const head = Buffer.alloc(4);
    head.writeUInt32BE(MAX_PEER_MESSAGE_BYTES);
    socket.write(head);
    expect(await isClosed(socket)).toBe(true);
  });

  it("have a few seconds to show that they could read the answer", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const one = await start();
    const { socket } = await connectTo(one);
    const peer = await connectTo(one);
    peer.socket.write(sealed(peer, 1, ""));
    await framesFrom(peer.socket, 1);
    vi.advanceTimersByTime(10_000);
    expect(await isClosed(socket)).toBe(true);
    expect(peer.socket.closed).toBe(false);
  });

  it("who answer something else are not believed", async () => {
    const liar = createHttpServer();
    liar.on("upgrade", (_, socket) => {
      socket.write(`HTTP/1.1 101 Yes\r\nconnection: Upgrade\r\nupgrade: x\r\n\r\n`);
      socket.on("error", () => {});
    });
    liar.listen(0, "127.0.0.1");
    await once(liar, "listening");
    closing.push(async () => liar.close());
    const { port } = liar.address() as AddressInfo;
    const one = await start({ nodes: [`http://127.0.0.1:${port}`] });
    expect(await one.nodes(never())).toEqual([]);
  });

  it("who say hello again and again lose their own connections first", async () => {
    const one = await start();
    const two = await start({ name: TWO, nodes: [one.url] });
    expect(text(await two.ask(ONE, Buffer.from("1"), never()))).toBe("echo 1");
    const first = await connectTo(one);
    const hello = hellos.hello(THREE).toString("base64url");
    const sockets = Array.from({ length: 1_100 }, () => connect(one.port ?? 0, "127.0.0.1"));
    closing.push(async () => sockets.forEach((socket) => socket.destroy()));
    for (const socket of sockets) {
      socket.on("error", () => {});
      socket.write(
        `GET / HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: ${PEER_PROTOCOL}\r\n` +
          `${HELLO_HEADER}: ${hello}\r\n\r\n`,
      );
    }
    expect(await isClosed(first.socket)).toBe(true);
    expect(text(await two.ask(ONE, Buffer.from("2"), never()))).toBe("echo 2");
  });
});

/** The first bodies that come over a connection. */
function framesFrom(socket: Socket, count: number): Promise<Buffer[]> {
  const bodies: Buffer[] = [];
  const reader = new FrameReader(MAX_PEER_MESSAGE_BYTES);
  return new Promise((resolve) => {
    socket.on("data", (chunk: Buffer) => {
      reader.read(chunk, (body) => bodies.push(body) < count);
      if (bodies.length === count) resolve(bodies);
    });
  });
}

/** A signal that is aborted as a lookup's is whose time is over. */
function timeOut(ms: number): AbortSignal {
  const controller = new AbortController();
  const reason = new DOMException("No answer in time.", "TimeoutError");
  setTimeout(() => controller.abort(reason), ms).unref();
  return controller.signal;
}

describe("wrong options", () => {
  it.each([
    [{}, "either `nodes` or `dns`"],
    [{ nodes: [], dns: "x" }, "found both"],
    [{ nodes: "http://10.0.0.1" }, "a list of URLs"],
    [{ nodes: ["https://10.0.0.1"] }, "URLs such as"],
    [{ nodes: ["10.0.0.1:4100"] }, "URLs such as"],
    [{ nodes: ["http://me:secret@10.0.0.1"] }, "without a user"],
    [{ dns: "", port: 1 }, "a host name"],
    [{ dns: "nodes" }, "a port"],
    [{ dns: "nodes", port: 70_000 }, "at most 65535"],
    [{ dns: "nodes", port: 1, path: "peers" }, "begins with"],
    [{ dns: "nodes", port: 1, path: "/my peers" }, "escaped as in a URL"],
    [{ nodes: [], listen: {} }, "listen.port"],
    [{ nodes: [], listen: { port: 1, host: 5 } }, "listen.host"],
    [{ nodes: [], listen: 4100 }, "an object"],
    [{ nodes: [], secret: "short" }, "at least 32 characters"],
    [{ nodes: [], insecure: true }, "another name"],
  ])("%j", (options, message) => {
    const call = (): unknown => peersOverHttp(options as never);
    expect(call).toThrow(message);
    expect(call).toThrow(expect.objectContaining({ code: "invalid_option" }));
  });
});

import { once } from "node:events";
import { Agent, createServer as createHttpServer, request as httpRequest } from "node:http";
import { type AddressInfo, connect, createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { SECRET } from "../../../../test/fake-page.ts";
import {
  type HttpPeers,
  MAX_PEER_MESSAGE_BYTES,
  type NodeName,
  type PeerHandler,
  peersOverHttp,
} from "../../../index.ts";
import { openAnswer, type OpenedSession, PeerEnvelope, sealRequest } from "./peer-envelope.ts";
import { postToPeer } from "./post-to-peer.ts";
import { newSessionKey } from "./session-key.ts";
import type { PeerAddress } from "./peer-address.ts";

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

  it("that are replaced while their connections stand are told apart by what they answer", async () => {
    const two = await start({ name: TWO });
    const successor = await start({ name: THREE });
    let target = two;
    const front = createHttpServer((request, response) => target.handler(request, response));
    front.listen(0, "127.0.0.1");
    await once(front, "listening");
    closing.push(async () => {
      front.closeAllConnections();
      front.close();
    });
    const { port } = front.address() as AddressInfo;
    const one = await start({ nodes: [`http://127.0.0.1:${port}/peers`] });
    expect(text(await one.ask(TWO, Buffer.from("1"), never()))).toBe("echo 1");
    target = successor;
    expect(await one.ask(TWO, Buffer.from("2"), never())).toBeUndefined();
    expect(text(await one.ask(THREE, Buffer.from("3"), never()))).toBe("echo 3");
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
  const agent = new Agent({ keepAlive: false });
  const envelope = new PeerEnvelope([SECRET]);

  function addressOf({ port }: HttpPeers): PeerAddress {
    return { key: "", target: { host: "127.0.0.1", port: port ?? 0, path: "/" } };
  }

  async function post(node: HttpPeers, body: Buffer): Promise<[number, Buffer] | string> {
    const outcome = await postToPeer(agent, addressOf(node), body, never());
    return outcome.kind === "answered" ? [outcome.status, outcome.body] : outcome.kind;
  }

  async function sessionWith(node: HttpPeers): Promise<OpenedSession> {
    const hello = envelope.hello(TWO);
    const [, body] = (await post(node, hello)) as [number, Buffer];
    const opened = envelope.openHelloAnswer(hello.subarray(1), body);
    if (opened === undefined) throw new Error("Expected an answer to the hello.");
    return opened;
  }

  function statusOf(node: HttpPeers, options: object, body = ""): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const { port } = node;
      const sent = httpRequest({ host: "127.0.0.1", port, agent: false, ...options }, (answer) => {
        answer.resume();
        answer.once("end", () => resolve(answer.statusCode));
      });
      sent.once("error", reject);
      sent.end(body);
    });
  }

  it("are told no more than a status", async () => {
    const one = await start();
    const headers = { "content-type": "application/octet-stream" };
    expect(await statusOf(one, { method: "GET" })).toBe(405);
    expect(await statusOf(one, { method: "POST" }, "hello")).toBe(415);
    const chunked = { ...headers, "transfer-encoding": "chunked" };
    expect(await statusOf(one, { method: "POST", headers: chunked }, "hello")).toBe(411);
    expect(await statusOf(one, { method: "POST", headers }, "")).toBe(401);
    expect(await statusOf(one, { method: "POST", headers }, "x".repeat(100))).toBe(401);
    const huge = { ...headers, "content-length": MAX_PEER_MESSAGE_BYTES * 2 };
    expect(await statusOf(one, { method: "POST", headers: huge, expect: "" }, "")).toBe(413);
  });

  it("get nowhere with what they make up, change, move or send again", async () => {
    const answered: string[] = [];
    const answer: PeerHandler = (request) => {
      answered.push(Buffer.from(request).toString());
      return request;
    };
    const one = await start({ answer });
    const place = { ...(await sessionWith(one)), number: 1 };
    const good = sealRequest(place, Buffer.from("good"));
    const forged = new PeerEnvelope([OTHER_SECRET]);
    const flipped = Buffer.from(good);
    flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1;
    const renumbered = Buffer.from(good);
    renumbered[12] = 9;
    const elsewhere = { ...place, node: THREE };
    const strange = { ...place, session: "AAAAAAAAAAA" };
    const bad = [
      forged.hello(TWO),
      envelope.hello(TWO).subarray(0, -1),
      Buffer.concat([envelope.hello(TWO), Buffer.of(0)]),
      sealRequest({ ...place, key: newSessionKey() }, Buffer.from("forged")),
      flipped,
      renumbered,
      sealRequest(elsewhere, Buffer.from("for another node")),
      sealRequest(strange, Buffer.from("of no session")),
      sealRequest({ ...place, number: 0 }, Buffer.from("numbered 0")),
      good.subarray(0, 20),
      Buffer.of(7, ...good.subarray(1)),
    ];
    for (const body of bad) expect(await post(one, body)).toEqual([401, Buffer.alloc(0)]);
    const [status, body] = (await post(one, good)) as [number, Buffer];
    expect(status).toBe(200);
    expect(text(openAnswer(place, body)?.answer)).toBe("good");
    expect(openAnswer({ ...place, number: 2 }, body)).toBeUndefined();
    for (const replayed of [good, good])
      expect(await post(one, replayed)).toEqual([401, Buffer.alloc(0)]);
    expect(answered).toEqual(["good"]);
  });

  it("cannot have a node replayed to another one, or answers taken for others", async () => {
    const [one, two] = [await start(), await start({ name: TWO })];
    const place = { ...(await sessionWith(one)), number: 1 };
    const request = sealRequest(place, Buffer.from("x"));
    expect(await post(two, request)).toEqual([401, Buffer.alloc(0)]);
    const hello = envelope.hello(THREE);
    const [, body] = (await post(one, hello)) as [number, Buffer];
    expect(envelope.openHelloAnswer(envelope.hello(THREE).subarray(1), body)).toBeUndefined();
    expect(envelope.openHello(Buffer.concat([Buffer.of(1), body]))).toBeUndefined();
  });

  it("have nothing kept that they send", async () => {
    const one = await start();
    const socket = connect(one.port ?? 0, "127.0.0.1");
    socket.on("error", () => {});
    const length = MAX_PEER_MESSAGE_BYTES;
    socket.write(
      `POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/octet-stream\r\ncontent-length: ${length}\r\n\r\n`,
    );
    socket.write(Buffer.alloc(100, 2));
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 401 .*connection: close/is);
    socket.destroy();
  });

  it("who say hello again and again cost a node its memory of others only, which greet again", async () => {
    const one = await start();
    const two = await start({ name: TWO, nodes: [one.url] });
    expect(text(await two.ask(ONE, Buffer.from("1"), never()))).toBe("echo 1");
    const hello = envelope.hello(THREE);
    for (let count = 0; count < 300; count += 1) await post(one, hello);
    expect(text(await two.ask(ONE, Buffer.from("2"), never()))).toBe("echo 2");
  });
});

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

import { once } from "node:events";
import { createServer as createHttpServer, request as httpRequest } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { SECRET } from "../../../test/fake-page.ts";
import {
  OTHER_SECRET,
  useHttpPeerNodes,
  never,
  text,
  ONE,
  TWO,
  THREE,
} from "../../../test/http-peer-nodes.ts";
import { type HttpPeers, MAX_PEER_MESSAGE_BYTES, type PeerHandler } from "../../peers.ts";
import { type ConnectOutcome, connectToPeer } from "./connect-to-peer.ts";
import { frameOf, FrameReader } from "./frames.ts";
import { PeerHellos } from "./hellos.ts";
import { HELLO_HEADER, PEER_PROTOCOL } from "./peer-protocol.ts";
import { newSessionKey, openInSession, sealInSession } from "./session-key.ts";

const { start, closing } = useHttpPeerNodes();

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
      "gone",
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
    expect(openInSession(key, "answer", 2, said)?.toString()).toBe("good");
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

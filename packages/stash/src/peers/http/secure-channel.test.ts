import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createHttpServer, request as httpRequest } from "node:http";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duplex } from "node:stream";
import {
  connect as connectTls,
  type ConnectionOptions,
  TLSSocket,
  type TLSSocketOptions,
} from "node:tls";
import { createTlsCertificate } from "@live-stash/test-servers";
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
import { type HttpPeers, MAX_PEER_MESSAGE_BYTES, type PeerHandler } from "../../entries/peers.ts";
import { nodeNameOf } from "../messages.ts";
import { AskingConnection, frameOf } from "./connection.ts";
import { readFirst, requirePreSharedKeys, SecureChannels } from "./secure-channel.ts";
import { connectToPeer, PEER_PROTOCOL } from "./upgrade.ts";

const { start, closing } = useHttpPeerNodes();

const channels = new SecureChannels([SECRET]);
const NOTHING = Buffer.alloc(0);
/** The types of TLS records. */
const ALERT = 21;
const HANDSHAKE = 22;
const APPLICATION_DATA = 23;

const record = (type: number, body: Buffer): Buffer => {
  const head = Buffer.of(type, 3, 1, 0, 0);
  head.writeUInt16BE(body.length, 3);
  return Buffer.concat([head, body]);
};

function recordsIn(bytes: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 5 + bytes.readUInt16BE(at + 3);
    records.push(bytes.subarray(at, end));
    at = end;
  }
  return records;
}

const flipped = (bytes: Buffer): Buffer => {
  const copy = Buffer.from(bytes);
  copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1;
  return copy;
};

/** Upgrades a connection to a node, as anyone can. */
function upgrade(node: Pick<HttpPeers, "port">): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const headers = { connection: "Upgrade", upgrade: PEER_PROTOCOL };
    const request = httpRequest({ host: "127.0.0.1", port: node.port, agent: false, headers });
    request.once("error", reject);
    request.once("upgrade", (_, socket: Socket) => {
      socket.on("error", () => {});
      closing.push(async () => socket.destroy());
      resolve(socket);
    });
    request.end();
  });
}

/** Carries the records of a channel over a socket; a test may alter them, in both directions. */
class Wire extends Duplex {
  readonly sent: Buffer[] = [];
  readonly received: Buffer[] = [];
  alterSent = (sent: Buffer): Buffer[] => [sent];
  alterReceived = (received: Buffer): Buffer => received;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    socket.on("data", (bytes: Buffer) => {
      this.received.push(bytes);
      this.push(this.alterReceived(bytes));
    });
    socket.once("close", () => this.destroy());
  }

  override _read(): void {}

  override _write(bytes: Buffer, _: unknown, done: () => void): void {
    for (const each of recordsIn(bytes)) {
      this.sent.push(each);
      for (const altered of this.alterSent(each)) this.#socket.write(altered);
    }
    done();
  }
}

interface Connected {
  readonly socket: Socket;
  readonly wire: Wire;
  readonly channel: TLSSocket;
}

/** Connects as a peer does, and sends the node its name. */
async function connectTo(node: HttpPeers): Promise<Connected> {
  const socket = await upgrade(node);
  const wire = new Wire(socket);
  const channel = channels.connect(wire, NOTHING);
  channel.once("secureConnect", () => channel.write(nodeNameOf(TWO)));
  const greeting = await readFirst(channel, 24);
  expect(greeting?.toString("base64url", 0, 8)).toBe(ONE);
  return { socket, wire, channel };
}

/** The first record of a handshake by a node with these secrets. */
function clientHello(secret: string): Promise<Buffer> {
  return new Promise((resolve) => {
    const stream = new Duplex({ read() {}, write: (bytes: Buffer) => resolve(bytes) });
    closing.push(async () => stream.destroy());
    new SecureChannels([secret]).connect(stream, NOTHING);
  });
}

async function closed(socket: Duplex): Promise<true> {
  socket.resume();
  if (!socket.closed) await once(socket, "close");
  return true;
}

/** Sends bytes over an upgraded connection, and resolves with the node's answer once it closes the connection. */
async function answerTo(node: HttpPeers, bytes: Buffer): Promise<Buffer> {
  const socket = await upgrade(node);
  const received: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => received.push(chunk));
  socket.write(bytes);
  await closed(socket);
  return Buffer.concat(received);
}

/** Starts a handshake without the secret, and resolves with its error. */
async function handshakeError(
  node: HttpPeers,
  options: Omit<ConnectionOptions, "socket">,
): Promise<string | undefined> {
  const socket = await upgrade(node);
  const channel = connectTls({ socket, rejectUnauthorized: false, ...options });
  channel.once("secureConnect", () => channel.destroy(new Error("It was accepted.")));
  const [error] = (await once(channel, "error")) as [NodeJS.ErrnoException];
  return error.code;
}

describe("a node", () => {
  it("answers a request that does not upgrade to the protocol with a status and no more", async () => {
    const one = await start();
    const statusOf = (headers: Record<string, string>, method = "GET"): Promise<string> =>
      new Promise((resolve, reject) => {
        const options = { host: "127.0.0.1", port: one.port, agent: false, method, headers };
        const sent = httpRequest(options, (answer) => {
          answer.resume();
          answer.once("end", () => resolve(`${answer.statusCode} ${answer.headers.connection}`));
        });
        sent.once("error", reject);
        sent.end();
      });
    const good = { connection: "Upgrade", upgrade: PEER_PROTOCOL };
    expect(await statusOf({})).toBe("426 close");
    expect(await statusOf({}, "POST")).toBe("426 close");
    expect(await statusOf(good, "POST")).toBe("426 close");
    expect(await statusOf({ ...good, upgrade: "websocket" })).toBe("426 close");
  });

  it("sends a stranger without the secret a TLS alert and no more", async () => {
    const one = await start();
    const good = await clientHello(SECRET);
    const [serverHello] = recordsIn(await answerTo(one, Buffer.concat([good, Buffer.alloc(5)])));
    expect(serverHello?.[0]).toBe(HANDSHAKE);
    for (const bad of [
      await clientHello(OTHER_SECRET),
      // The binder at the end proves that the sender has the key.
      flipped(good),
      Buffer.concat([good.subarray(0, -1), Buffer.alloc(5)]),
      record(APPLICATION_DATA, good.subarray(5)),
      Buffer.alloc(2_000, "x"),
    ]) {
      for (const answer of recordsIn(await answerTo(one, bad))) {
        expect([answer[0], answer.length]).toEqual([ALERT, 7]);
      }
    }
    const two = await start({ name: TWO, nodes: [one.url] });
    expect(text(await two.ask(ONE, Buffer.from("1"), never()))).toBe("echo 1");
  });

  it("refuses a client that has no pre-shared key, whatever else it offers", async () => {
    const one = await start();
    expect(await handshakeError(one, {})).toMatch(/HANDSHAKE_FAILURE/);
    const ciphers = "ALL:aNULL:PSK:@SECLEVEL=0";
    expect(await handshakeError(one, { maxVersion: "TLSv1.2", ciphers })).toMatch(
      /PROTOCOL_VERSION/,
    );
    const pskCallback = () => ({ identity: channels.newest, psk: Buffer.alloc(32) });
    const withWrongKey = await handshakeError(one, { pskCallback });
    expect(withWrongKey).toMatch(/ILLEGAL_PARAMETER|DECRYPT_ERROR/);
  });

  it("does not resume the session of a client whose secret has been replaced", async () => {
    const one = await start();
    const { channel } = await connectTo(one);
    expect(await handshakeError(one, { session: channel.getSession() ?? NOTHING })).toMatch(
      /HANDSHAKE_FAILURE/,
    );
  });

  it("offers only key exchanges with forward secrecy", async () => {
    const hello = await clientHello(SECRET);
    // The extension psk_key_exchange_modes, 2 bytes long, has a list of 1 byte: psk_dhe_ke.
    expect(hello.includes(Buffer.of(0, 45, 0, 2, 1, 1))).toBe(true);
  });

  it("rejects forged, altered, relocated and replayed messages", async () => {
    const answered: string[] = [];
    const answer: PeerHandler = (request) => {
      answered.push(Buffer.from(request).toString());
      return request;
    };
    const one = await start({ answer });
    const other = await connectTo(one);
    other.channel.write(frameOf(NOTHING));
    const ofOther = other.wire.sent.at(-1) ?? NOTHING;

    // Each alters the record of a request. A second one follows, so that the first may be left out.
    const bad: ((sent: Buffer, wire: Wire) => Buffer[])[] = [
      ({ length }) => [record(APPLICATION_DATA, Buffer.alloc(length - 5))],
      (sent) => [flipped(sent)],
      (sent) => [sent.subarray(0, 5), sent.subarray(6)],
      () => [ofOther],
      // The last record of the other direction.
      (_, { received }) => received.slice(-1),
      (sent, { sent: [hello = NOTHING] }) => [hello, sent],
      () => [],
    ];
    for (const alter of bad) {
      const { socket, wire, channel } = await connectTo(one);
      wire.alterSent = (sent) => {
        wire.alterSent = (next) => [next];
        return alter(sent, wire);
      };
      channel.write(frameOf(Buffer.from("bad")));
      setImmediate(() => channel.write(frameOf(Buffer.from("after it"))));
      expect(await closed(socket)).toBe(true);
    }
    const replayed = await connectTo(one);
    replayed.wire.alterSent = (sent) => [sent, sent];
    replayed.channel.write(frameOf(NOTHING));
    expect(await closed(replayed.socket)).toBe(true);
    expect(answered).toEqual([]);

    const good = new AskingConnection((await connectTo(one)).channel, ONE, () => {});
    const outcome = await good.ask(Buffer.from("good"), never());
    expect(outcome).toEqual({ kind: "answered", answer: Buffer.from("good") });
    expect(answered).toEqual(["good"]);
  });

  it("rejects a connection that was recorded as a whole", async () => {
    const answered: string[] = [];
    const one = await start({ answer: (request) => void answered.push(String(request)) });
    const { wire, channel } = await connectTo(one);
    const asking = new AskingConnection(channel, ONE, () => {});
    await asking.ask(Buffer.from("recorded"), never());
    await answerTo(one, Buffer.concat(wire.sent));
    expect(answered).toEqual(["recorded"]);
  });

  it("does not accept an answer that was altered", async () => {
    const one = await start();
    const { wire, channel } = await connectTo(one);
    wire.alterReceived = flipped;
    const asking = new AskingConnection(channel, ONE, () => {});
    expect(await asking.ask(Buffer.from("x"), never())).toEqual({ kind: "lost" });
  });

  it("is not connected to a server without the secret", async () => {
    const folder = mkdtempSync(join(tmpdir(), "certificate-"));
    closing.push(async () => rmSync(folder, { recursive: true }));
    const certificate = createTlsCertificate(folder);
    const [cert, key] = [certificate.pem, readFileSync(certificate.keyPath)];
    const withMadeUpKey = { isServer: true, pskCallback: () => Buffer.alloc(32) };
    const liars: ((socket: Duplex, head: Buffer) => unknown)[] = [
      (socket, head) => new SecureChannels([OTHER_SECRET]).accept(socket, head),
      (socket) => new TLSSocket(socket, { isServer: true, cert, key }),
      // Accepts every identity, but with a made-up key.
      (socket) => new TLSSocket(socket, withMadeUpKey),
      (socket) => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"),
    ];
    for (const lie of liars) {
      const liar = createHttpServer();
      liar.on("upgrade", (_, socket, head) => {
        socket.write(
          `HTTP/1.1 101 Yes\r\nconnection: Upgrade\r\nupgrade: ${PEER_PROTOCOL}\r\n\r\n`,
        );
        socket.on("error", () => {});
        const channel = lie(socket, head);
        if (channel instanceof TLSSocket) channel.on("error", () => {});
      });
      liar.listen(0, "127.0.0.1");
      await once(liar, "listening");
      closing.push(async () => liar.close());
      const { port } = liar.address() as AddressInfo;
      const address = { key: "", target: { host: "127.0.0.1", port, path: "/" } };
      expect(await connectToPeer(address, channels, TWO, never())).toEqual({ kind: "stranger" });
    }
  });

  it("is not connected to a server that speaks another protocol", async () => {
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

  it("has the name that it gives itself, whichever address a man in the middle relays to", async () => {
    const two = await start({ name: TWO });
    const relay = createServer((socket) => {
      const forwarded = connect(two.port ?? 0, "127.0.0.1");
      for (const each of [socket, forwarded]) each.on("error", () => {});
      socket.pipe(forwarded).pipe(socket);
    }).listen(0, "127.0.0.1");
    await once(relay, "listening");
    closing.push(async () => relay.close());
    const { port } = relay.address() as AddressInfo;
    const nodes = [`http://127.0.0.1:${port}`];
    const one = await start({ name: ONE, nodes });
    expect(text(await one.ask(THREE, Buffer.from("x"), never()))).toBe("gone");
    expect(text(await one.ask(TWO, Buffer.from("x"), never()))).toBe("echo x");
    // A node that is relayed to itself does not take itself for another one.
    const itself = await start({ name: TWO, nodes });
    expect(await itself.nodes(never())).toEqual([]);
  });
});

describe("an unauthenticated connection", () => {
  it("has no data buffered", async () => {
    const one = await start();
    const hello = await clientHello(SECRET);
    const frame = frameOf(Buffer.alloc(MAX_PEER_MESSAGE_BYTES)).subarray(0, 16_384);
    for (const bytes of [
      frame,
      record(APPLICATION_DATA, frame),
      Buffer.concat([hello, record(APPLICATION_DATA, frame)]),
      // The beginning of a handshake message of 16 MB.
      record(HANDSHAKE, Buffer.concat([Buffer.of(1, 255, 255, 255), frame.subarray(0, 16_000)])),
    ]) {
      expect((await answerTo(one, bytes)).length).toBeLessThan(4_096);
    }
  });

  it("is closed after 10 s, and one of a peer is not", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const one = await start();
    const silent = await upgrade(one);
    const replayed = await upgrade(one);
    replayed.write(await clientHello(SECRET));
    await once(replayed, "data");
    const peer = await connectTo(one);
    const asking = new AskingConnection(peer.channel, ONE, () => {});
    await asking.ask(NOTHING, never());
    vi.advanceTimersByTime(10_000);
    expect([await closed(silent), await closed(replayed)]).toEqual([true, true]);
    expect(peer.channel.closed).toBe(false);
  });

  it("is closed when too many others follow, and one of a peer is not", async () => {
    const one = await start();
    const two = await start({ name: TWO, nodes: [one.url] });
    expect(text(await two.ask(ONE, Buffer.from("1"), never()))).toBe("echo 1");
    const first = await upgrade(one);
    const sockets = Array.from({ length: 1_100 }, () => connect(one.port ?? 0, "127.0.0.1"));
    closing.push(async () => sockets.forEach((socket) => socket.destroy()));
    for (const socket of sockets) {
      socket.on("error", () => {});
      socket.write(
        `GET / HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: ${PEER_PROTOCOL}\r\n\r\n`,
      );
    }
    expect(await closed(first)).toBe(true);
    expect(text(await two.ask(ONE, Buffer.from("2"), never()))).toBe("echo 2");
  });
});

describe("a runtime whose node:tls ignores pre-shared keys", () => {
  it("is told from one that supports them, and gets advice", () => {
    expect(() => requirePreSharedKeys("peersOverHttp")).not.toThrow();
    const deaf = class extends TLSSocket {
      constructor(stream: Duplex, options: TLSSocketOptions) {
        const known = { ...options, pskCallback: undefined };
        super(stream, known);
      }
    } as typeof TLSSocket;
    const require = (): void => requirePreSharedKeys("peersOverHttp", deaf);
    expect(require).toThrow(
      /^peersOverHttp\(\).*pskCallback.*peersOverNats\(\) of @live-stash\/nats/,
    );
    expect(require).toThrow(expect.objectContaining({ code: "invalid_option" }));
  });
});

import { type IncomingMessage, Server as HttpServer, type Server, ServerResponse } from "node:http";
import type { Http2SecureServer, Http2ServerResponse, ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { Server as TlsServer, type TLSSocket } from "node:tls";
import { settleWithin } from "../settle-within.ts";

/** Answers upgrade requests of one path; for nobody else to see. */
export type UpgradeTaker = (request: IncomingMessage, stream: Duplex, head: Buffer) => void;

/**
 * How long clients may take to close connections on which everything is answered, in ms: longer than
 * most round trips, as data that a client has not read is lost if the connection is reset.
 */
const LINGER_MS = 500;

const trafficOf = new WeakMap<WebServer, HttpTraffic>();

/**
 * What passes through one HTTP server: its connections, the requests under way, and upgrades. It looks
 * at events before the server's listeners do, whoever added these in whichever order. A listener could
 * not: it cannot keep an upgrade from others, such as those of a framework's own WebSocket plugin, which
 * answer 404 or 400 to any path that they do not know.
 */
export class HttpTraffic {
  readonly #server: WebServer;
  readonly #isTls: boolean;
  /** Connections of HTTP/1.1 with the number of requests that are under way on each. */
  readonly #connections = new Map<Duplex, number>();
  readonly #upgraded = new WeakSet<Duplex>();
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #responses = new Set<ServerResponse | Http2ServerResponse>();
  #taker:
    | { readonly isTaken: (request: IncomingMessage) => boolean; readonly take: UpgradeTaker }
    | undefined;
  readonly #forget: (this: Duplex) => void;
  #onIdle: (() => void) | undefined;
  #stopping: Promise<void> | undefined;

  private constructor(server: WebServer) {
    this.#server = server;
    this.#isTls = server instanceof TlsServer;
    const connections = this.#connections;
    // One listener for all connections: there may be ten thousands.
    this.#forget = function forget() {
      connections.delete(this);
    };
    type Emit = (event: string | symbol, ...values: unknown[]) => boolean;
    const emitter = server as unknown as { emit: Emit };
    const emit = emitter.emit;
    emitter.emit = (event, ...values) =>
      this.#see(event, values) || emit.call(server, event, ...values);
    // Node.js only tells of upgrades where somebody listens.
    server.on("upgrade", (request: IncomingMessage, stream: Duplex, head: Buffer) =>
      this.#leftOver(request, stream, head),
    );
  }

  static of(server: WebServer): HttpTraffic {
    let traffic = trafficOf.get(server);
    if (traffic === undefined) {
      traffic = new HttpTraffic(server);
      trafficOf.set(server, traffic);
    }
    return traffic;
  }

  /** `false` if somebody else takes upgrades of this server already. */
  takeUpgrades(isTaken: (request: IncomingMessage) => boolean, take: UpgradeTaker): boolean {
    if (this.#taker !== undefined) return this.#taker.take === take;
    this.#taker = { isTaken, take };
    return true;
  }

  /**
   * Takes no more connections, has the requests under way answered, and closes what is left: after
   * `timeoutMs` whatever is not answered, but nothing before `drained` has settled. Settles when the
   * server has closed.
   */
  stop(timeoutMs: number, drained: Promise<unknown>): Promise<void> {
    this.#stopping ??= this.#stop(timeoutMs, drained);
    return this.#stopping;
  }

  async #stop(timeoutMs: number, drained: Promise<unknown>): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const session of this.#sessions) session.close();
    for (const response of this.#responses) closeAfter(response);
    for (const [connection, requests] of this.#connections) {
      if (requests === 0 && !this.#upgraded.has(connection)) connection.end();
    }
    await Promise.all([settleWithin(this.#untilAnswered(), timeoutMs, goOn), drained]);
    for (const connection of this.#connections.keys()) connection.end();
    await settleWithin(closed, LINGER_MS, goOn);
    for (const connection of this.#connections.keys()) connection.destroy();
    for (const session of this.#sessions) session.destroy();
    // Connections that were there before anybody looked.
    if (this.#server instanceof HttpServer) this.#server.closeAllConnections();
    await closed;
  }

  #untilAnswered(): Promise<void> {
    if (this.#responses.size === 0) return Promise.resolve();
    return new Promise((resolve) => (this.#onIdle = resolve));
  }

  /** `true` for an event that listeners must not see. */
  #see(event: string | symbol, values: readonly unknown[]): boolean {
    switch (event) {
      case "request":
        this.#seeRequest(...(values as [IncomingMessage, ServerResponse]));
        return false;
      case "connection":
        if (!this.#isTls) this.#seeConnection(values[0] as Socket);
        return false;
      case "secureConnection":
        // Those of HTTP/2 are known by their session.
        if ((values[0] as TLSSocket).alpnProtocol !== "h2")
          this.#seeConnection(values[0] as Socket);
        return false;
      case "session":
        this.#seeSession(values[0] as ServerHttp2Session);
        return false;
      case "upgrade":
        return this.#seeUpgrade(...(values as [IncomingMessage, Duplex, Buffer]));
      default:
        return false;
    }
  }

  #seeConnection(connection: Socket): void {
    this.#connections.set(connection, 0);
    connection.once("close", this.#forget);
  }

  #seeSession(session: ServerHttp2Session): void {
    this.#sessions.add(session);
    session.once("close", () => this.#sessions.delete(session));
  }

  #seeRequest({ socket }: IncomingMessage, response: ServerResponse | Http2ServerResponse): void {
    this.#responses.add(response);
    this.#count(socket, 1);
    if (this.#stopping !== undefined) closeAfter(response);
    response.once("close", () => {
      this.#responses.delete(response);
      const isIdle = this.#count(socket, -1) === 0;
      if (this.#stopping === undefined) return;
      // Its headers may have promised that the connection stays.
      if (isIdle) socket.end();
      if (this.#responses.size === 0) this.#onIdle?.();
    });
  }

  #seeUpgrade(request: IncomingMessage, stream: Duplex, head: Buffer): boolean {
    this.#upgraded.add(stream);
    if (this.#taker?.isTaken(request) !== true) return false;
    this.#taker.take(request, stream, head);
    return true;
  }

  /** An upgrade that reached the listeners: others', unless it came past `emit`, from a second server. */
  #leftOver(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    if (this.#taker?.isTaken(request) === true) this.#taker.take(request, stream, head);
    else if (this.#server.listenerCount("upgrade") === 1) ignoreUpgrade(this.#server, request);
  }

  #count(connection: Duplex, change: number): number | undefined {
    const requests = this.#connections.get(connection);
    if (requests === undefined) return undefined;
    this.#connections.set(connection, requests + change);
    return requests + change;
  }
}

function goOn(): void {}

/** Has the client told that the connection ends with this response; HTTP/2 tells for all at once. */
function closeAfter(response: ServerResponse | Http2ServerResponse): void {
  if ("shouldKeepAlive" in response && !response.headersSent) response.shouldKeepAlive = false;
}

/** How long nothing may pass while it is answered. Node.js does not watch the connection any more. */
const SILENCE_MS = 30_000;

/**
 * Answers a request as if it had not asked for an upgrade, as HTTP has it for protocols that a server
 * does not speak: some clients ask for h2c with each first request. Node.js has given the connection
 * up by then, so it is closed after the answer, and a request with a body is refused.
 */
function ignoreUpgrade(server: WebServer, request: IncomingMessage): void {
  const { socket, headers } = request;
  socket.on("error", () => socket.destroy());
  socket.setTimeout(SILENCE_MS, () => socket.destroy());
  const hasBody = Number(headers["content-length"] ?? 0) > 0 || "transfer-encoding" in headers;
  if (hasBody) return refuse(socket, "400 Bad Request");
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once("finish", () => socket.destroySoon());
  server.emit("request", request, response);
}

/** Answers with a status and nothing else, and closes. */
export function refuse(stream: Duplex, status: string): void {
  // The server's sockets stay half open, so a client that never closes would keep this one for ever.
  stream.once("finish", () => stream.destroy());
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** A server of `node:http` or `node:https`, or of `node:http2` with `allowHTTP1`. */
export type WebServer = Server | Http2SecureServer;

import { type IncomingMessage, Server as HttpServer, type Server, ServerResponse } from "node:http";
import type { Http2SecureServer, Http2ServerResponse, ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { Server as TlsServer, type TLSSocket } from "node:tls";
import { settleWithin } from "../settle-within.ts";

/** A server of `node:http` or `node:https`, or of `node:http2` with `allowHTTP1`. */
export type WebServer = Server | Http2SecureServer;

/** Answers an upgrade request. No other listener of the server sees the request. */
export type UpgradeHandler = (request: IncomingMessage, stream: Duplex, head: Buffer) => void;

/**
 * Time for clients to close connections on which everything is answered, in ms. Longer than most round
 * trips, because a reset of the connection loses data that the client has not read.
 */
const LINGER_MS = 500;

/** The property of a server that holds its traffic, so that each server has one. */
const TRAFFIC = Symbol("live-view traffic");

/** Longest silence of a connection whose upgrade is ignored, in ms. Node.js has no timeout for it. */
const SILENCE_MS = 30_000;

/**
 * Tracks the connections, requests and upgrades of one HTTP server. It overrides the server's `emit`, so
 * that it sees each event before the listeners do, in whichever order they were added. As a listener it
 * could not keep an upgrade from other listeners, such as a framework's WebSocket plugin, which answer
 * 404 or 400 to any path that they do not know.
 */
export class HttpTraffic {
  readonly #server: WebServer;
  readonly #isTls: boolean;
  /** Connections of HTTP/1.1, with the number of requests in progress on each. */
  readonly #connections = new Map<Duplex, number>();
  readonly #upgraded = new WeakSet<Duplex>();
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #responses = new Set<ServerResponse | Http2ServerResponse>();
  #upgrades:
    | { readonly isOwn: (request: IncomingMessage) => boolean; readonly handle: UpgradeHandler }
    | undefined;
  readonly #forget: (this: Duplex) => void;
  #onIdle: (() => void) | undefined;
  #stopping: Promise<void> | undefined;

  private constructor(server: WebServer) {
    this.#server = server;
    this.#isTls = server instanceof TlsServer;
    const connections = this.#connections;
    // One listener for all connections, of which there may be tens of thousands.
    this.#forget = function forget() {
      connections.delete(this);
    };
    type Emit = (event: string | symbol, ...values: unknown[]) => boolean;
    const emitter = server as unknown as { emit: Emit };
    const emit = emitter.emit;
    emitter.emit = (event, ...values) =>
      this.#track(event, values) || emit.call(server, event, ...values);
    // Node.js emits upgrades only if there is a listener.
    server.on("upgrade", (request: IncomingMessage, stream: Duplex, head: Buffer) =>
      this.#handleUpgrade(request, stream, head),
    );
  }

  /** Returns the traffic of a server, and starts to track it at the first call. */
  static of(server: WebServer & { [TRAFFIC]?: HttpTraffic }): HttpTraffic {
    return (server[TRAFFIC] ??= new HttpTraffic(server));
  }

  /** Has `handle` answer the upgrades that `isOwn`. `false` if the server has another handler already. */
  handleUpgrades(isOwn: (request: IncomingMessage) => boolean, handle: UpgradeHandler): boolean {
    if (this.#upgrades !== undefined) return this.#upgrades.handle === handle;
    this.#upgrades = { isOwn, handle };
    return true;
  }

  /**
   * Accepts no more connections, lets the requests in progress be answered for at most `timeoutMs`, waits
   * for `drained`, and closes the connections that are left. Resolves when the server has closed.
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
    await Promise.all([settleWithin(this.#untilAnswered(), timeoutMs, ignore), drained]);
    for (const connection of this.#connections.keys()) connection.end();
    await settleWithin(closed, LINGER_MS, ignore);
    for (const connection of this.#connections.keys()) connection.destroy();
    for (const session of this.#sessions) session.destroy();
    // For connections that were opened before the server was tracked.
    if (this.#server instanceof HttpServer) this.#server.closeAllConnections();
    await closed;
  }

  #untilAnswered(): Promise<void> {
    if (this.#responses.size === 0) return Promise.resolve();
    return new Promise((resolve) => (this.#onIdle = resolve));
  }

  /** Tracks an event. `true` if listeners must not see it. */
  #track(event: string | symbol, values: readonly unknown[]): boolean {
    switch (event) {
      case "request":
        this.#trackRequest(...(values as [IncomingMessage, ServerResponse]));
        return false;
      case "connection":
        if (!this.#isTls) this.#trackConnection(values[0] as Socket);
        return false;
      case "secureConnection":
        // Connections of HTTP/2 are tracked by their session.
        if ((values[0] as TLSSocket).alpnProtocol !== "h2")
          this.#trackConnection(values[0] as Socket);
        return false;
      case "session":
        this.#trackSession(values[0] as ServerHttp2Session);
        return false;
      case "upgrade":
        return this.#trackUpgrade(...(values as [IncomingMessage, Duplex, Buffer]));
      default:
        return false;
    }
  }

  #trackConnection(connection: Socket): void {
    this.#connections.set(connection, 0);
    connection.once("close", this.#forget);
  }

  #trackSession(session: ServerHttp2Session): void {
    this.#sessions.add(session);
    session.once("close", () => this.#sessions.delete(session));
  }

  #trackRequest({ socket }: IncomingMessage, response: ServerResponse | Http2ServerResponse): void {
    this.#responses.add(response);
    this.#count(socket, 1);
    if (this.#stopping !== undefined) closeAfter(response);
    response.once("close", () => {
      this.#responses.delete(response);
      const isIdle = this.#count(socket, -1) === 0;
      if (this.#stopping === undefined) return;
      // The response's headers may have announced a connection that is kept alive.
      if (isIdle) socket.end();
      if (this.#responses.size === 0) this.#onIdle?.();
    });
  }

  #trackUpgrade(request: IncomingMessage, stream: Duplex, head: Buffer): boolean {
    this.#upgraded.add(stream);
    if (this.#upgrades?.isOwn(request) !== true) return false;
    this.#upgrades.handle(request, stream, head);
    return true;
  }

  /**
   * Handles an upgrade that reached the listeners: it belongs to another listener, unless it bypassed
   * the overridden `emit`, because a second server forwarded it.
   */
  #handleUpgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    if (this.#upgrades?.isOwn(request) === true) this.#upgrades.handle(request, stream, head);
    else if (this.#server.listenerCount("upgrade") === 1) ignoreUpgrade(this.#server, request);
  }

  #count(connection: Duplex, change: number): number | undefined {
    const requests = this.#connections.get(connection);
    if (requests === undefined) return undefined;
    this.#connections.set(connection, requests + change);
    return requests + change;
  }
}

function ignore(): void {}

/** Announces to the client that the connection ends with this response. HTTP/2 sends GOAWAY instead. */
function closeAfter(response: ServerResponse | Http2ServerResponse): void {
  if ("shouldKeepAlive" in response && !response.headersSent) response.shouldKeepAlive = false;
}

/**
 * Answers a request as if it had not asked for an upgrade, as HTTP requires for protocols that a server
 * does not support: some clients ask for h2c with each first request. By then Node.js has detached the
 * connection from its parser, so the connection is closed after the answer, and a request with a body,
 * which nothing would parse, is refused.
 */
function ignoreUpgrade(server: WebServer, request: IncomingMessage): void {
  const { socket, headers } = request;
  socket.on("error", () => socket.destroy());
  socket.setTimeout(SILENCE_MS, () => socket.destroy());
  const hasBody = Number(headers["content-length"] ?? 0) > 0 || "transfer-encoding" in headers;
  if (hasBody) return refuseUpgrade(socket, "400 Bad Request");
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once("finish", () => socket.destroySoon());
  server.emit("request", request, response);
}

/** Answers an upgrade request with a status and no body, and closes the connection. */
export function refuseUpgrade(stream: Duplex, status: string): void {
  // The server allows half-open connections, so a client that never closes would keep this one open.
  stream.once("finish", () => stream.destroy());
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

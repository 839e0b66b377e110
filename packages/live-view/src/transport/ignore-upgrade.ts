import { type IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { WebServer } from "./web-server.ts";

/** How long nothing may pass while it is answered. Node.js does not watch the connection any more. */
const SILENCE_MS = 30_000;

/**
 * Answers a request as if it had not asked for an upgrade, as HTTP has it for protocols that a server
 * does not speak: some clients ask for h2c with each first request. Node.js has given the connection
 * up by then, so it is closed after the answer, and a request with a body is refused.
 */
export function ignoreUpgrade(server: WebServer, request: IncomingMessage): void {
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

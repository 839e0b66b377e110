import { type IncomingMessage, ServerResponse } from "node:http";
import type { WebServer } from "./web-server.ts";
import { refuse } from "./upgrade.ts";

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

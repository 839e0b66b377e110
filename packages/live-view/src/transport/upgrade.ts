import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { PROTOCOL_VERSION, WEBSOCKET_PATH } from "@live-stash/wire";
import type { Runtime } from "../runtime.ts";
import { requestOrigin } from "../session/request-origin.ts";
import type { Session } from "../session/session-source.ts";
import { readSocketSession } from "../session/socket-session.ts";
import type { WebSocketTransport } from "./websocket-transport.ts";

/** Whether an upgrade request is for this server's socket; others belong to the application. */
export function isLiveUpgrade(request: IncomingMessage): boolean {
  return request.url === WEBSOCKET_PATH || request.url?.startsWith(`${WEBSOCKET_PATH}?`) === true;
}

/** Answers with a status and nothing else, and closes. */
export function refuse(stream: Duplex, status: string): void {
  // The server's sockets stay half open, so a client that never closes would keep this one for ever.
  stream.once("finish", () => stream.destroy());
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/**
 * Answers an upgrade request. A foreign origin is refused with 403. A missing session or a wrong
 * CSRF token is not: a client whose upgrade is refused would only retry, so it gets a socket
 * without a session, on which every join is answered `stale`. While the server drains the answer
 * is 503: the client tries again, and reaches another node.
 */
export async function handleUpgrade(
  runtime: Runtime,
  transport: WebSocketTransport,
  request: IncomingMessage,
  stream: Duplex,
  head: Buffer,
): Promise<void> {
  // Until ws takes over, an error of the socket would have no listener and end the process.
  const onError = (): void => void stream.destroy();
  stream.on("error", onError);
  if (transport.isDraining) return refuse(stream, "503 Service Unavailable");
  const searchParams = new URLSearchParams(request.url?.slice(WEBSOCKET_PATH.length));
  if (searchParams.get("vsn") !== PROTOCOL_VERSION) return refuse(stream, "400 Bad Request");
  const { host } = requestOrigin(request, runtime.trustProxy);
  if (!runtime.isOriginAllowed(request.headers.origin, host)) {
    return refuse(stream, "403 Forbidden");
  }
  let session: Session | undefined;
  try {
    const token = searchParams.get("_csrf_token") ?? undefined;
    ({ session } = await readSocketSession(runtime, request, token));
  } catch (cause) {
    runtime.logger.error("live-view: the session of a socket could not be read", cause);
    return refuse(stream, "503 Service Unavailable");
  }
  // Reading the session took a while: a socket accepted now would outlive the drain.
  if (transport.isDraining) return refuse(stream, "503 Service Unavailable");
  stream.off("error", onError);
  if (stream.destroyed) return;
  transport.accept(request, stream, head, session);
}

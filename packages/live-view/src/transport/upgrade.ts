import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { PROTOCOL_VERSION, WEBSOCKET_PATH } from "@live-stash/wire";
import type { Notice } from "../logging/notices.ts";
import type { Runtime } from "../runtime.ts";
import { requestOrigin } from "../session/request-origin.ts";
import {
  readSocketSession,
  type SessionFailure,
  type SocketSession,
} from "../session/socket-session.ts";
import { SessionTimeout } from "../session/session-source.ts";
import { refuseUpgrade } from "./http-traffic.ts";
import type { WebSocketTransport } from "./websocket-transport.ts";

/** Whether an upgrade request is for a page's socket. Other upgrades belong to the application. */
export function isLiveUpgrade(request: IncomingMessage): boolean {
  return request.url === WEBSOCKET_PATH || request.url?.startsWith(`${WEBSOCKET_PATH}?`) === true;
}

/**
 * Answers an upgrade request: checks the protocol version and the origin, reserves a place, reads the
 * session, and hands the connection to the transport.
 *
 * A foreign origin is refused with 403. A missing session or a wrong CSRF token is not refused, because
 * the client would only retry: it gets a socket without a session, on which every join is answered with
 * `stale`. While the server drains, the answer is 503: the client retries, and reaches another node.
 */
export async function handleUpgrade(
  runtime: Runtime,
  transport: WebSocketTransport,
  request: IncomingMessage,
  stream: Duplex,
  head: Buffer,
): Promise<void> {
  const { notices } = runtime;
  // Until ws adds its listeners, an error of the stream would end the process.
  const onError = (): void => void stream.destroy();
  stream.on("error", onError);
  const refuseWhileDraining = (): void => {
    notices.note(DRAINING);
    refuseUpgrade(stream, "503 Service Unavailable");
  };
  if (transport.isDraining) return refuseWhileDraining();
  const searchParams = new URLSearchParams(request.url?.slice(WEBSOCKET_PATH.length));
  const version = searchParams.get("vsn");
  if (version !== PROTOCOL_VERSION) {
    notices.note(wrongVersion(version));
    return refuseUpgrade(stream, "400 Bad Request");
  }
  const { host } = requestOrigin(request, runtime.trustProxy);
  const { origin } = request.headers;
  if (!runtime.isOriginAllowed(origin, host)) {
    notices.note(wrongOrigin(origin ?? "", host, runtime.trustProxy));
    return refuseUpgrade(stream, "403 Forbidden");
  }
  const endReservation = transport.reserve();
  if (endReservation === undefined) return refuseUpgrade(stream, "503 Service Unavailable");
  let found: SocketSession;
  try {
    const token = searchParams.get("_csrf_token") ?? undefined;
    found = await readSocketSession(runtime, request, token);
  } catch (cause) {
    if (!(cause instanceof SessionTimeout)) {
      runtime.logger.error("live-view: the session of a socket could not be read", cause);
    }
    return refuseUpgrade(stream, "503 Service Unavailable");
  } finally {
    endReservation();
  }
  // The drain may have begun while the session was read. A socket accepted now would outlive it.
  if (transport.isDraining) return refuseWhileDraining();
  stream.off("error", onError);
  if (stream.destroyed) return;
  const notice = noticeOf(found, runtime);
  if (notice !== undefined) notices.note(notice);
  transport.accept(request, stream, head, found.session);
}

const UPGRADE_REFUSED = "a socket was refused with";

const DRAINING: Notice = {
  kind: "refused",
  reason: "draining",
  message: `${UPGRADE_REFUSED} 503`,
  expected: "a server that is not about to stop",
  found: "one that drains",
  advice: "The client retries, and reaches another node.",
  isRoutine: true,
};

const wrongVersion = (version: string | null): Notice => ({
  kind: "refused",
  reason: "protocol_version",
  message: `${UPGRADE_REFUSED} 400`,
  expected: `vsn=${PROTOCOL_VERSION} in its URL`,
  found: version === null ? "none" : JSON.stringify(version),
  advice: "Have the page use the npm packages phoenix and phoenix_live_view of 1.x.",
});

const wrongOrigin = (origin: string, host: string, trustProxy: boolean): Notice => ({
  kind: "refused",
  reason: "origin",
  message: `${UPGRADE_REFUSED} 403`,
  expected: `a page of an origin that the option \`origin\` allows, at the host ${JSON.stringify(host)}`,
  found: `a page of ${JSON.stringify(origin)}`,
  advice:
    `List it in createLiveServer({ origin: [${JSON.stringify(origin)}] }) if it is yours. ` +
    (trustProxy
      ? "Or have the proxy set X-Forwarded-Host to the host that the browser shows."
      : "Behind a proxy, have the proxy forward the Host header, or set `trustProxy`."),
});

const WITHOUT_SESSION = "a socket has no session, so its page will be reloaded";

const WITHOUT_SESSION_NOTICES: Readonly<Record<SessionFailure, Notice>> = {
  no_token: {
    kind: "refused",
    reason: "no_csrf_token",
    message: WITHOUT_SESSION,
    expected: "the page's token as `_csrf_token` in the params of its LiveSocket",
    found: "none",
    advice:
      'Have the layout print <meta name="csrf-token" content="${csrfToken}">, and the client send it: ' +
      "new LiveSocket(…, { params: { _csrf_token: … } }).",
  },
  no_session: {
    kind: "refused",
    reason: "no_session",
    message: WITHOUT_SESSION,
    expected: "the session cookie that the page was loaded with",
    found: "none that verifies",
    advice:
      "The browser must send the cookie to /live/websocket too (check its path, domain and SameSite), and " +
      "all nodes need the same secret.",
  },
  foreign_token: {
    kind: "refused",
    reason: "foreign_csrf_token",
    message: WITHOUT_SESSION,
    expected: "a token of the session that its cookie names",
    found: "one of another session",
    advice:
      "This is normal after a login or logout in another tab. Otherwise another application may use the " +
      "same cookie: set a different `name` in cookieSession().",
  },
};

const COOKIE_MISSING: Notice = {
  kind: "refused",
  reason: "cookie_missing",
  message: "a page works without its session cookie, but a reload will start a new session",
  expected: "the cookie that the response of the page set",
  found: "none",
  advice:
    'For a page in a frame of another site, set cookieSession({ sameSite: "none", partitioned: true }). ' +
    "Over plain HTTP, browsers drop a cookie with `secure: true`. Otherwise the browser blocks cookies.",
};

function noticeOf(found: SocketSession, { sessions }: Runtime): Notice | undefined {
  if (found.session === undefined) return WITHOUT_SESSION_NOTICES[found.reason];
  // Without `start`, no page load sets a cookie, so none can be missing.
  return found.isCookieMissing && sessions.start !== undefined ? COOKIE_MISSING : undefined;
}

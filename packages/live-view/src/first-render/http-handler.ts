import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { Runtime } from "../runtime.ts";
import { HOST, requestOrigin } from "../session/request-origin.ts";
import type { RequestHead } from "../session/session-source.ts";
import { methodNotAllowed, renderPage, type PageResponse } from "./render-page.ts";

/** Answers requests for pages, and hands all others on. Fits Connect and Express as middleware. */
export type HttpHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (cause?: unknown) => void,
) => void;

/** As `HttpHandler`, and for servers that speak HTTP/2 through `node:http2`'s compatibility API. */
export interface PageHandler extends HttpHandler {
  (
    request: Http2ServerRequest,
    response: Http2ServerResponse,
    next?: (cause?: unknown) => void,
  ): void;
}

type Request = IncomingMessage | Http2ServerRequest;
type Response = ServerResponse | Http2ServerResponse;

/**
 * Answers requests for pages with a `Response` of the Fetch standard, `undefined` for all others: the
 * framework that sends it adds its own headers. Takes what frameworks have: their `Request`, or the
 * request of `node:http`.
 */
export type FetchHandler = (
  request: globalThis.Request | IncomingMessage,
) => Promise<globalThis.Response | undefined>;

const LONG_POLL_PATH = "/live/longpoll";

/** A request target in absolute form, as proxies may send it; its authority counts, not `Host` (RFC 9112, 3.2.2). */
const ABSOLUTE_TARGET = /^https?:\/\/([^/?#]*)(\/[^]*)?$/i;

/** The URL as the browser shows it; Express keeps its path in `originalUrl` below a mount path. */
function urlOf(
  request: RequestHead & { readonly originalUrl?: string },
  trustProxy: boolean,
): URL | undefined {
  const target = request.originalUrl ?? request.url ?? "/";
  const origin = requestOrigin(request, trustProxy);
  const absolute = ABSOLUTE_TARGET.exec(target);
  const host = trustProxy ? origin.host : (absolute?.[1] ?? origin.host);
  const path = absolute === null ? target : (absolute[2] ?? "/");
  // Not resolved against a base, where a path such as `//example.com/` would be another host.
  const text = `${origin.scheme}://${host}${path}`;
  return HOST.test(host) && path.startsWith("/") && URL.canParse(text) ? new URL(text) : undefined;
}

function write(request: Request, response: Response, page: PageResponse): void {
  // A client of HTTP/2 that has gone leaves a response that takes no headers.
  if ("stream" in response && response.stream.destroyed) return;
  for (const [name, value] of Object.entries(page.headers)) response.setHeader(name, value);
  for (const cookie of page.setCookies) response.appendHeader("set-cookie", cookie);
  response.statusCode = page.status;
  response.setHeader("content-length", Buffer.byteLength(page.body));
  response.end(request.method === "HEAD" ? "" : page.body);
}

export function createHttpHandler(runtime: Runtime): PageHandler {
  return (request: Request, response: Response, next?: (cause?: unknown) => void): void => {
    const url = urlOf(request, runtime.trustProxy);
    if (url?.pathname === LONG_POLL_PATH) return write(request, response, noLongPolling(runtime));
    const route = url === undefined ? undefined : runtime.router.match(url);
    if (url === undefined || route === undefined) {
      if (next !== undefined) return next();
      response.statusCode = 404;
      response.end("Not found");
      return;
    }
    if (request.method !== "GET" && request.method !== "HEAD") {
      // Another handler may own other methods of the same path, such as a form's POST.
      if (next !== undefined) return next();
      return write(request, response, methodNotAllowed());
    }
    renderPage(runtime, request, url, route)
      .then((page) => write(request, response, page))
      // Also what cannot be written, such as a session's cookie that no header can carry.
      .catch((cause: unknown) => {
        runtime.logger.error("live-view: a page could not be answered", cause);
        response.statusCode = 500;
        response.end("Internal server error");
      });
  };
}

export function createFetchHandler(runtime: Runtime): FetchHandler {
  return async (given) => {
    const request = given instanceof globalThis.Request ? headOf(given) : given;
    const url = urlOf(request, runtime.trustProxy);
    if (url === undefined) return undefined;
    const page = await answerFor(runtime, request, url, given.method);
    if (page === undefined) return undefined;
    const headers = new Headers(page.headers);
    for (const cookie of page.setCookies) headers.append("set-cookie", cookie);
    // Not `null`: some frameworks send a `HEAD` by themselves, and take that for an error.
    const body = given.method === "HEAD" ? "" : page.body;
    return new globalThis.Response(body, { status: page.status, headers });
  };
}

async function answerFor(
  runtime: Runtime,
  request: RequestHead,
  url: URL,
  method: string | undefined,
): Promise<PageResponse | undefined> {
  if (url.pathname === LONG_POLL_PATH) return noLongPolling(runtime);
  const route = runtime.router.match(url);
  if (route === undefined || (method !== "GET" && method !== "HEAD")) return undefined;
  return renderPage(runtime, request, url, route);
}

/**
 * Says that there is no long polling. It must not be one of the statuses that its client knows: after
 * 410 the client would remember for as long as its tab is open that long polling works.
 */
function noLongPolling({ notices }: Runtime): PageResponse {
  notices.note({
    kind: "refused",
    reason: "long_polling",
    message: "a page that went over to long polling was refused with 404, and stays disconnected",
    expected: "a LiveSocket without the option `longPollFallbackMs`",
    found: "one with it, which tries no WebSocket any more after a first outage",
    advice: "Remove the option: there is no long polling here.",
  });
  return {
    status: 404,
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
    setCookies: [],
    body:
      "There is no long polling here, and this page will not try a WebSocket any more: reload it. " +
      "Remove longPollFallbackMs from the options of LiveSocket.\n",
  };
}

/** The head of a `Request`, as of `node:http`: its URL says what there the connection says. */
function headOf(request: globalThis.Request): RequestHead {
  const { protocol, host, pathname, search } = new URL(request.url);
  return {
    url: `${pathname}${search}`,
    headers: { host, ...Object.fromEntries(request.headers) },
    socket: { encrypted: protocol === "https:" },
  };
}

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { Runtime } from "../runtime.ts";
import { HOST, requestOrigin } from "../session/request-origin.ts";
import type { RequestHead } from "../session/session-source.ts";
import { methodNotAllowed, type PageResponse, renderPage } from "./render-page.ts";

/**
 * Answers requests for pages and passes all others to `next`. Works as middleware of Connect and
 * Express.
 */
export type HttpHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (cause?: unknown) => void,
) => void;

/** An `HttpHandler` that also accepts the compatibility API of `node:http2`. */
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
 * Answers requests for pages with a `Response` of the Fetch standard, and all others with `undefined`.
 * Accepts a `Request` or the request of `node:http`, whichever the framework has. The framework sends
 * the response and adds its own headers.
 */
export type FetchHandler = (
  request: globalThis.Request | IncomingMessage,
) => Promise<globalThis.Response | undefined>;

const LONG_POLL_PATH = "/live/longpoll";

const NOT_FOUND: PageResponse = { status: 404, headers: {}, setCookies: [], body: "Not found" };

/**
 * A request target in absolute form, which proxies may send. Its authority overrides the `Host` header
 * (RFC 9112, 3.2.2).
 */
const ABSOLUTE_TARGET = /^https?:\/\/([^/?#]*)(\/[^]*)?$/i;

/**
 * Returns the URL that the browser shows. Below a mount path, Express keeps the whole path in
 * `originalUrl`.
 */
function urlOf(
  request: RequestHead & { readonly originalUrl?: string },
  trustProxy: boolean,
): URL | undefined {
  const target = request.originalUrl ?? request.url ?? "/";
  const origin = requestOrigin(request, trustProxy);
  const absolute = ABSOLUTE_TARGET.exec(target);
  const host = trustProxy ? origin.host : (absolute?.[1] ?? origin.host);
  const path = absolute === null ? target : (absolute[2] ?? "/");
  // Not resolved against a base URL: a path such as `//example.com/` would then change the host.
  const text = `${origin.scheme}://${host}${path}`;
  return HOST.test(host) && path.startsWith("/") && URL.canParse(text) ? new URL(text) : undefined;
}

function write(request: Request, response: Response, page: PageResponse): void {
  // After an HTTP/2 client has disconnected, its response accepts no headers.
  if ("stream" in response && response.stream.destroyed) return;
  for (const [name, value] of Object.entries(page.headers)) response.setHeader(name, value);
  for (const cookie of page.setCookies) response.appendHeader("set-cookie", cookie);
  response.statusCode = page.status;
  response.setHeader("content-length", Buffer.byteLength(page.body));
  response.end(request.method === "HEAD" ? "" : page.body);
}

/** The answer to a request for a page, or the one to give if no other handler takes the request. */
type Answer =
  | { readonly page: PageResponse | Promise<PageResponse> }
  | { readonly ifUnhandled: () => PageResponse };

function answerTo(runtime: Runtime, request: RequestHead, method: string | undefined): Answer {
  const url = urlOf(request, runtime.trustProxy);
  if (url?.pathname === LONG_POLL_PATH) return { page: refuseLongPolling(runtime) };
  const route = url === undefined ? undefined : runtime.router.match(url);
  if (url === undefined || route === undefined) return { ifUnhandled: () => NOT_FOUND };
  // Another handler may own other methods of the same path, such as the POST of a form.
  if (method !== "GET" && method !== "HEAD") return { ifUnhandled: methodNotAllowed };
  return { page: renderPage(runtime, request, url, route) };
}

export function createHttpHandler(runtime: Runtime): PageHandler {
  return (request: Request, response: Response, next?: (cause?: unknown) => void): void => {
    const answer = answerTo(runtime, request, request.method);
    if ("ifUnhandled" in answer) {
      if (next !== undefined) return next();
      return write(request, response, answer.ifUnhandled());
    }
    Promise.resolve(answer.page)
      .then((page) => write(request, response, page))
      // Also catches a page that cannot be written, such as one with an invalid session cookie.
      .catch((cause: unknown) => {
        runtime.logger.error("live-view: a page could not be answered", cause);
        response.statusCode = 500;
        response.end("Internal server error");
      });
  };
}

export function createFetchHandler(runtime: Runtime): FetchHandler {
  return async (request) => {
    const head = request instanceof globalThis.Request ? headOf(request) : request;
    const answer = answerTo(runtime, head, request.method);
    if ("ifUnhandled" in answer) return undefined;
    const page = await answer.page;
    const headers = new Headers(page.headers);
    for (const cookie of page.setCookies) headers.append("set-cookie", cookie);
    // Not `null`: some frameworks send a `HEAD` themselves and treat `null` as an error.
    const body = request.method === "HEAD" ? "" : page.body;
    return new globalThis.Response(body, { status: page.status, headers });
  };
}

/**
 * Refuses long polling, with a status that the client has no meaning for: after 410, the client would
 * remember until its tab is closed that long polling works.
 */
function refuseLongPolling({ notices }: Runtime): PageResponse {
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

/** Converts a `Request` to the head of a `node:http` request. Its URL shows whether HTTPS was used. */
function headOf(request: globalThis.Request): RequestHead {
  const { protocol, host, pathname, search } = new URL(request.url);
  return {
    url: `${pathname}${search}`,
    headers: { host, ...Object.fromEntries(request.headers) },
    socket: { encrypted: protocol === "https:" },
  };
}

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Runtime } from "../runtime.ts";
import { methodNotAllowed, renderPage, type PageResponse } from "./render-page.ts";

/** Answers requests for pages, and hands all others on. Fits Connect and Express as middleware. */
export type HttpHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (cause?: unknown) => void,
) => void;

/** No character that could end the host of a URL, or make it one with a user. */
const HOST = /^[^\s/\\?#@]+$/;

/** The URL as the client asked for it; Express keeps it in `originalUrl` below a mount path. */
function urlOf(request: IncomingMessage & { originalUrl?: string }): URL | undefined {
  const path = request.originalUrl ?? request.url ?? "/";
  const host = request.headers.host ?? "localhost";
  // Not resolved against a base, where a path such as `//example.com/` would be another host.
  const text = `http://${host}${path}`;
  return HOST.test(host) && path.startsWith("/") && URL.canParse(text) ? new URL(text) : undefined;
}

function write(request: IncomingMessage, response: ServerResponse, page: PageResponse): void {
  for (const [name, value] of Object.entries(page.headers)) response.setHeader(name, value);
  for (const cookie of page.setCookies) response.appendHeader("set-cookie", cookie);
  response.statusCode = page.status;
  response.setHeader("content-length", Buffer.byteLength(page.body));
  response.end(request.method === "HEAD" ? undefined : page.body);
}

export function createHttpHandler(runtime: Runtime): HttpHandler {
  return (request, response, next) => {
    const url = urlOf(request);
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

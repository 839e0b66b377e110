import type { HttpHandler } from "@live-stash/live-view";

/** A file that is served from memory. */
export interface StaticFile {
  readonly contentType: string;
  readonly body: string;
}

/** Serves a few files from memory, and 404 for everything else. */
export function serveStaticFiles(files: ReadonlyMap<string, StaticFile>): HttpHandler {
  return (request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    const file =
      request.method === "GET" || request.method === "HEAD" ? files.get(path) : undefined;
    if (file === undefined) {
      response.writeHead(404, { "content-type": "text/plain; charset=utf-8" });
      response.end("Not found\n");
      return;
    }
    response.writeHead(200, {
      "content-type": file.contentType,
      "content-length": Buffer.byteLength(file.body),
      "cache-control": "no-cache",
    });
    response.end(request.method === "HEAD" ? undefined : file.body);
  };
}

import { createLiveServer, live } from "@live-stash/live-view";
import { createMemoryAdapter } from "live-stash";
import { buildClientBundle } from "./client-bundle.ts";
import { rootLayout } from "./root-layout.ts";
import { serveStaticFiles } from "./static-files.ts";
import { testCounter } from "./views/test-counter.ts";

const port = Number(process.env.PORT ?? 4000);
const host = process.env.HOST ?? "127.0.0.1";
const memory = createMemoryAdapter();

const server = createLiveServer({
  rootLayout,
  routes: [live("/test/counter/memory", testCounter("memory", memory))],
});

const listening = await server.listen({
  port,
  host,
  fallback: serveStaticFiles(
    new Map([
      [
        "/assets/app.js",
        { contentType: "text/javascript; charset=utf-8", body: await buildClientBundle() },
      ],
      ["/assets/app.css", { contentType: "text/css; charset=utf-8", body: "" }],
    ]),
  ),
});
console.log(`Showcase ready at ${listening.url}`);

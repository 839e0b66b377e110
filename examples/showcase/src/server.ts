import { readFile } from "node:fs/promises";
import { createLiveServer, type Listening } from "@live-stash/live-view";
import { createRedisAdapter } from "@live-stash/redis";
import { createMemoryAdapter } from "live-stash";
import { buildClientBundle } from "./client-bundle.ts";
import { serveMetrics } from "./metrics-page.ts";
import { RESTART_EXIT_CODE } from "./restart-exit-code.ts";
import { routes } from "./routes.ts";
import { serveStaticFiles } from "./static-files.ts";
import { keptViewSecret } from "./view-secret.ts";

const port = Number(process.env.PORT ?? 4000);
const host = process.env.HOST ?? "127.0.0.1";
const adapter = createMemoryAdapter();
const { REDIS_URL: redisUrl } = process.env;
const redis = redisUrl === undefined ? undefined : createRedisAdapter({ url: redisUrl });

const server = createLiveServer({
  ...(process.env.LIVE_VIEW_SECRET === undefined ? { secret: keptViewSecret() } : {}),
  routes: routes({
    adapter,
    redis,
    ttlMs: 60_000,
    now: Date.now,
    restartServer: () => void restart(),
  }),
  // Here people crash views for fun.
  limits: { maxCrashesPerMinute: 60 },
});

const script = await buildClientBundle();
const styles = await readFile(new URL("./app.css", import.meta.url), "utf8");
const files = serveStaticFiles(
  new Map([
    ["/assets/app.js", { contentType: "text/javascript; charset=utf-8", body: script }],
    ["/assets/app.css", { contentType: "text/css; charset=utf-8", body: styles }],
  ]),
);
const fallback = serveMetrics(server, adapter, files);

// Without its supervisor, nobody would end this process.
process.once("disconnect", () => process.exit());
process.channel?.unref();

const listening = await listen();
console.log(`Showcase ready at ${listening.url}`);

async function listen(): Promise<Listening> {
  try {
    return await server.listen({ port, host, fallback });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EADDRINUSE") throw cause;
    console.error(
      `The showcase could not start: port ${port} of ${host} is taken by another program.\n` +
        `End that program, or choose another port: PORT=${port + 1} npm start`,
    );
    process.exit(1);
  }
}

/** Lets every view end and every browser know, then leaves; the supervisor starts the next process. */
async function restart(): Promise<void> {
  await listening.close();
  process.exit(RESTART_EXIT_CODE);
}

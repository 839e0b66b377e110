import { readFile } from "node:fs/promises";
import { createLiveServer, type Listening } from "@live-stash/live-view";
import {
  chooseAdapter,
  closeAdapters,
  createAdapters,
  readyAdapters,
  storeTimeoutMs,
} from "./adapters.ts";
import { buildClientBundle } from "./client-bundle.ts";
import { serveMetrics } from "./metrics-page.ts";
import { readPort } from "./read-port.ts";
import { RESTART_EXIT_CODE } from "./restart-exit-code.ts";
import { routes } from "./routes.ts";
import { serveStaticFiles } from "./static-files.ts";
import { StoreOutage } from "./store-outage.ts";

const port = readPort(process.env.PORT);
const host = process.env.HOST ?? "127.0.0.1";
const { SHOWCASE_NODE: nodeName } = process.env;
const adapters = createAdapters(process.env);

const adapter = chooseAdapter(adapters, process.env);

const server = createLiveServer({
  routes: routes({
    adapters,
    adapter,
    outage: new StoreOutage(adapter, Date.now),
    node: nodeName === undefined ? undefined : `${nodeName} (process ${process.pid})`,
    ttlMs: 60_000,
    // A little longer than the adapter's limit, so that the adapter's own error is reported.
    timeoutMs: storeTimeoutMs(process.env) + 200,
    // Half of the client's timeout for a join, the default of `liveStash`.
    recoverWithinMs: 5_000,
    now: Date.now,
    restartServer: () => void leave(RESTART_EXIT_CODE),
  }),
  // Visitors of the showcase crash views on purpose.
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
const fallback = serveMetrics(server, adapters, files);

// Ends this process together with its supervisor.
process.once("disconnect", () => process.exit());
process.channel?.unref();

await readyAdapters(adapters);
const listening = await listen();
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void leave(0));
console.log(`Showcase ready at ${listening.url} – open it in a browser.`);

async function listen(): Promise<Listening> {
  try {
    return await server.listen({ port, host, fallback, handleSignals: false });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EADDRINUSE") throw cause;
    console.error(
      `The showcase could not start: port ${port} of ${host} is taken by another program.\n` +
        `End that program, or choose another port: PORT=${port + 1} npm start`,
    );
    process.exit(1);
  }
}

/**
 * Accepts no more visitors, ends every view and notifies its browser, hands over the stashes in memory,
 * then exits. The parent process may start the next one.
 */
async function leave(exitCode: number): Promise<void> {
  await listening.close();
  await closeAdapters(adapters);
  process.exit(exitCode);
}

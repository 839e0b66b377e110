import { initLiveStash } from "@live-stash/browser";
import { createLiveServer } from "@live-stash/live-view";
import { createTestClient, type TestPage } from "@live-stash/live-view/testing";
import { chooseAdapter, closeAdapters, createAdapters } from "../src/adapters.ts";
import { routes } from "../src/routes.ts";
import { StoreOutage } from "../src/store-outage.ts";

/** A page of the showcase without a browser, and what it asked of its server. */
export interface OpenPage {
  readonly page: TestPage;
  readonly outage: StoreOutage;
  /** The number of restarts that were requested. */
  readonly restarts: () => number;
  /** Leaves the page, and lets go of services. */
  close(): Promise<void>;
}

/** Opens a page of a showcase of its own, as `env` has it. What crashes it tells `onCrash`. */
export async function openPage(
  path: string,
  onCrash: (cause: unknown) => void = () => {},
  env: Readonly<Record<string, string>> = {},
): Promise<OpenPage> {
  let restarts = 0;
  const adapters = createAdapters(env);
  const adapter = chooseAdapter(adapters, env);
  const outage = new StoreOutage(adapter, Date.now);
  const server = createLiveServer({
    secret: "only for these tests, and long enough",
    routes: routes({
      adapters,
      adapter,
      outage,
      node: env["SHOWCASE_NODE"],
      ttlMs: 60_000,
      timeoutMs: 1000,
      recoverWithinMs: 50,
      now: Date.now,
      restartServer: () => (restarts += 1),
    }),
    logger: { ...console, error: (_message, cause) => onCrash(cause) },
  });
  const client = createTestClient(server, { params: (window) => initLiveStash({}, { window }) });
  const page = await client.visit(path);
  return {
    page,
    outage,
    restarts: () => restarts,
    async close() {
      await page.disconnect();
      await closeAdapters(adapters);
    },
  };
}

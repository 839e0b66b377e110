import { live, liveSession, type LiveSession } from "@live-stash/live-view";
import { SERVICES } from "./adapters.ts";
import { plainLayout } from "./plain-layout.ts";
import { STORE_AWAY_PATHS } from "./parts/store-away-page.ts";
import { rootLayout } from "./root-layout.ts";
import type { Showcase } from "./showcase.ts";
import { counter } from "./views/counter.ts";
import { longForm } from "./views/long-form.ts";
import { missingService } from "./views/missing-service.ts";
import { testCounter } from "./views/test-counter.ts";
import { storeAway } from "./views/store-away.ts";
import { ticTacToe } from "./views/tic-tac-toe.ts";

/** Returns the routes of all pages of the showcase, and of the plain ones for tests. */
export function routes(showcase: Showcase): readonly LiveSession[] {
  const { adapters } = showcase;
  return [
    liveSession("showcase", { rootLayout: rootLayout(showcase) }, [
      live("/", counter(showcase)),
      live("/tic-tac-toe", ticTacToe(showcase)),
      live("/form", longForm(showcase)),
      live(STORE_AWAY_PATHS.rejoin, storeAway(showcase, "rejoin")),
      live(STORE_AWAY_PATHS.continue, storeAway(showcase, "continue")),
    ]),
    liveSession("test", { rootLayout: plainLayout }, [
      live("/test/counter/memory", testCounter("memory", adapters.memory, showcase)),
      live("/test/counter/browser", testCounter("browser", adapters.browser, showcase)),
      ...Object.entries(SERVICES).map(([name, service]) => {
        const adapter = adapters[name as keyof typeof SERVICES];
        return live(
          `/test/counter/${name}`,
          adapter === undefined
            ? missingService(name, service)
            : testCounter(name, adapter, showcase),
        );
      }),
    ]),
  ];
}

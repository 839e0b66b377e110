import { live, liveSession, type LiveSession } from "@live-stash/live-view";
import { createBrowserHeldAdapter } from "live-stash";
import { plainLayout } from "./plain-layout.ts";
import { rootLayout } from "./root-layout.ts";
import type { Showcase } from "./showcase.ts";
import { counter } from "./views/counter.ts";
import { longForm } from "./views/long-form.ts";
import { missingService } from "./views/missing-service.ts";
import { testCounter } from "./views/test-counter.ts";
import { ticTacToe } from "./views/tic-tac-toe.ts";

/** Every page of the showcase, and the plain ones for tests. */
export function routes(showcase: Showcase): readonly LiveSession[] {
  const browserHeld = createBrowserHeldAdapter({ securityMode: "encrypt" });
  return [
    liveSession("showcase", { rootLayout }, [
      live("/", counter(showcase)),
      live("/tic-tac-toe", ticTacToe(showcase)),
      live("/form", longForm(showcase)),
    ]),
    liveSession("test", { rootLayout: plainLayout }, [
      live("/test/counter/memory", testCounter("memory", showcase.adapter)),
      live("/test/counter/browser", testCounter("browser", browserHeld)),
      live(
        "/test/counter/redis",
        showcase.redis === undefined
          ? missingService("redis", "REDIS_URL", "redis://127.0.0.1:6379")
          : testCounter("redis", showcase.redis),
      ),
    ]),
  ];
}

import { initLiveStash } from "@live-stash/browser";
import { Socket } from "phoenix";
import { LiveSocket } from "phoenix_live_view";

/** What this script leaves on `window`, for tests to use. */
export interface TestWindow {
  readonly liveSocket: LiveSocket;
  /** What each hold event said, so that tests can tell what the page holds. */
  readonly holds: { readonly held?: unknown }[];
}

const csrfToken = document.querySelector<HTMLMetaElement>("meta[name=csrf-token]")?.content ?? "";
const holds: TestWindow["holds"] = [];
window.addEventListener("phx:live-stash:hold", (event) => {
  if (event instanceof CustomEvent) holds.push(event.detail as { held?: unknown });
});
const liveSocket = new LiveSocket("/live", Socket, {
  params: initLiveStash({ _csrf_token: csrfToken }),
  // The same steps as the client's own, without its pauses.
  rejoinAfterMs: () => 50,
  reconnectAfterMs: () => 20,
});
Object.assign(window, { liveSocket, holds } satisfies TestWindow);
liveSocket.disableDebug();
liveSocket.connect();

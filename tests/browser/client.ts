import { initLiveStash } from "@live-stash/browser";
import { Socket } from "phoenix";
import { LiveSocket } from "phoenix_live_view";

declare global {
  interface Window {
    liveSocket: LiveSocket;
    /** What each hold event said, so that tests can tell what the page holds. */
    holds: unknown[];
  }
}

const csrfToken = document.querySelector<HTMLMetaElement>("meta[name=csrf-token]")?.content ?? "";
window.holds = [];
window.addEventListener("phx:live-stash:hold", (event) => {
  if (event instanceof CustomEvent) window.holds.push(event.detail);
});
window.liveSocket = new LiveSocket("/live", Socket, {
  params: initLiveStash({ _csrf_token: csrfToken }),
  // The same steps as the client's own, without its pauses.
  rejoinAfterMs: () => 50,
  reconnectAfterMs: () => 20,
});
window.liveSocket.disableDebug();
window.liveSocket.connect();

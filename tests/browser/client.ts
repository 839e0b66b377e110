import { initLiveStash } from "@live-stash/browser";
import { Socket } from "phoenix";
import { LiveSocket } from "phoenix_live_view";

/** The detail of a token event (see `TokenEvent`). */
export interface HoldDetail {
  readonly h?: string | null;
  readonly r?: string;
}

/** The objects on `window` that tests use. */
export interface TestWindow {
  readonly liveSocket: LiveSocket;
  /** The details of all token events, from which tests know the page's token. */
  readonly holds: HoldDetail[];
  /** The elements that patches compared so far. */
  readonly compared: { count: number };
}

const csrfToken = document.querySelector<HTMLMetaElement>("meta[name=csrf-token]")?.content ?? "";
const holds: TestWindow["holds"] = [];
window.addEventListener("phx:live-stash:hold", (event) => {
  if (event instanceof CustomEvent) holds.push(event.detail as HoldDetail);
});
const compared: TestWindow["compared"] = { count: 0 };
const liveSocket = new LiveSocket("/live", Socket, {
  params: initLiveStash({ _csrf_token: csrfToken }),
  // The same steps as the client's own, without its pauses.
  rejoinAfterMs: () => 50,
  reconnectAfterMs: () => 20,
  dom: {
    onBeforeElUpdated() {
      compared.count += 1;
      return true;
    },
  },
});
Object.assign(window, { liveSocket, holds, compared } satisfies TestWindow);
liveSocket.disableDebug();
liveSocket.connect();

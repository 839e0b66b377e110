import { initLiveStash } from "@live-stash/browser";
import { Socket } from "phoenix";
import { LiveSocket } from "phoenix_live_view";

/** The part of the client's `LiveSocket` that the showcase uses. */
export interface PageSocket {
  connect(): void;
  disconnect(done?: () => void): void;
  disableDebug(): void;
}

/** Creates the client's connection to the views of this page, with the tokens of their stashes. */
export function createPageSocket(): PageSocket {
  const csrfToken = document.querySelector<HTMLMetaElement>("meta[name=csrf-token]")?.content ?? "";
  const params = initLiveStash({ _csrf_token: csrfToken });
  // The client's own types cannot be used: they import each other without file extensions.
  // oxlint-disable-next-line typescript/no-unsafe-call
  const liveSocket = new LiveSocket("/live", Socket, { params }) as PageSocket;
  liveSocket.disableDebug();
  return liveSocket;
}

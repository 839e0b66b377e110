import type { PageSocket } from "./page-socket.ts";

/**
 * “Pull the plug”, “Plug back in”, and “Reconnect”, which is both at once. Pulled, the page cannot reach its server, so this is plain
 * code of the browser, and the way back stands outside of the view.
 */
export function installPlug(liveSocket: PageSocket, setUnplugged: (isOut: boolean) => void): void {
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (button?.id === "pull-plug") {
      liveSocket.disconnect();
      setUnplugged(true);
      document.getElementById("plug-back")?.focus();
    }
    if (button?.id === "reconnect") {
      setUnplugged(true);
      liveSocket.disconnect(() => {
        liveSocket.connect();
        setUnplugged(false);
      });
    }
    if (button?.id === "plug-back") {
      liveSocket.connect();
      setUnplugged(false);
      document.getElementById("pull-plug")?.focus();
    }
  });
}

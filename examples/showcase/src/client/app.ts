import { showConnectionState } from "./connection-state.ts";
import { focusOnRequest } from "./focus-on-request.ts";
import { createPageSocket, type PageSocket } from "./page-socket.ts";
import { installPlug } from "./plug.ts";

declare global {
  interface Window {
    liveSocket: PageSocket;
  }
}

const liveSocket = createPageSocket();
installPlug(liveSocket, showConnectionState());
focusOnRequest();
liveSocket.connect();
window.liveSocket = liveSocket;

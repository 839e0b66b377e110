/** What a person is told about the connection. */
type ConnectionState = "connecting" | "online" | "unplugged" | "dropped" | "crashed";

const WORDS: Record<ConnectionState, { readonly short: string; readonly long: string }> = {
  connecting: { short: "connecting", long: "" },
  online: { short: "connected", long: "" },
  unplugged: {
    short: "unplugged",
    long: "The plug is out. Nothing you do reaches the server.",
  },
  dropped: {
    short: "reconnecting",
    long: "The connection is lost. The page tries to reach the server again.",
  },
  crashed: {
    short: "crashed",
    long: "The view has crashed. A new one takes its place in a moment.",
  },
};

interface LoadingDetail {
  readonly kind?: string;
  readonly errorKind?: string;
}

/**
 * Shows the state of the connection in the header and, when it is broken, in a bar at the bottom.
 * @returns Tells it whether the plug is out: a lost connection was then wanted.
 */
export function showConnectionState(): (isUnplugged: boolean) => void {
  const label = document.getElementById("connection");
  const bar = document.getElementById("connection-bar");
  const message = document.getElementById("connection-message");
  if (label === null || bar === null || message === null) return () => {};
  let isUnplugged = false;

  const show = (state: ConnectionState): void => {
    document.documentElement.dataset.connection = state;
    label.textContent = WORDS[state].short;
    message.textContent = WORDS[state].long;
    bar.hidden = WORDS[state].long === "";
  };

  window.addEventListener("phx:page-loading-start", (event) => {
    const { kind, errorKind } = (event as CustomEvent<LoadingDetail>).detail;
    if (kind !== "error" || isUnplugged) return;
    show(errorKind === "server" ? "crashed" : "dropped");
  });
  window.addEventListener("phx:page-loading-stop", () => {
    if (!isUnplugged) show("online");
  });
  show("connecting");

  return (isOut) => {
    isUnplugged = isOut;
    show(isOut ? "unplugged" : "connecting");
  };
}

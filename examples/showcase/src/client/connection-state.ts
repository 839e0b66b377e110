/** The connection's state, as the page shows it. */
type ConnectionState =
  | "connecting"
  | "online"
  | "unplugged"
  | "returning"
  | "waiting"
  | "dropped"
  | "crashed";

const WORDS: Record<ConnectionState, { readonly short: string; readonly long: string }> = {
  connecting: { short: "connecting", long: "" },
  online: { short: "connected", long: "" },
  unplugged: {
    short: "unplugged",
    long: "The plug is out. Nothing you do reaches the server.",
  },
  returning: {
    short: "reconnecting",
    long: "The page is reconnecting. Meanwhile it keeps what it showed.",
  },
  waiting: {
    short: "reconnecting",
    long: "The store does not answer. The page keeps what it showed, and reconnects again and again.",
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
  /** The error as the server or the browser reported it. */
  readonly unstructuredError?: { readonly reason?: unknown } | string;
}

/**
 * Shows the state of the connection in the header and, when it is broken, in a bar at the bottom.
 * @returns A function to call when the plug is pulled or put back: a lost connection is then intended.
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
    const { detail } = event as CustomEvent<LoadingDetail>;
    if (detail.kind === "error" && !isUnplugged) show(brokenState(detail));
  });
  window.addEventListener("phx:page-loading-stop", () => {
    if (!isUnplugged) show("online");
  });
  show("connecting");

  return (isOut) => {
    isUnplugged = isOut;
    show(isOut ? "unplugged" : "returning");
  };
}

function brokenState({ errorKind, unstructuredError: error }: LoadingDetail): ConnectionState {
  if (errorKind !== "server") return "dropped";
  // The view has ended itself, because its store did not answer.
  const isRejoining = typeof error === "object" && error.reason === "rejoin";
  return isRejoining ? "waiting" : "crashed";
}

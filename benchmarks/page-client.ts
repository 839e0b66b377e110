import { once } from "node:events";
import { WebSocket } from "ws";

/** A page as the server rendered it first, with the parameters of its socket and its join. */
export interface ClientPage {
  readonly document: string;
  readonly setCookie: string;
  readonly socketUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly topic: string;
  /** The frame that joins the view. */
  readonly join: string;
}

const attribute = (document: string, name: string): string =>
  new RegExp(`${name}="([^"]+)"`).exec(document)?.[1] ?? "";

/** Loads a page as a browser does on its first visit. */
export async function loadPage(url: string): Promise<ClientPage> {
  const { origin, host } = new URL(url);
  const response = await fetch(url);
  const document = await response.text();
  const setCookie = response.headers.getSetCookie()[0] ?? "";
  const csrfToken = attribute(document, 'name="csrf-token" content');
  const topic = `lv:${attribute(document, "div id")}`;
  const payload = {
    url,
    params: { _csrf_token: csrfToken, _mounts: 0, _mount_attempts: 0 },
    session: attribute(document, "data-phx-session"),
    static: attribute(document, "data-phx-static"),
    sticky: false,
  };
  return {
    document,
    setCookie,
    socketUrl: `ws://${host}/live/websocket?_csrf_token=${csrfToken}&vsn=2.0.0`,
    headers: { cookie: setCookie.split(";")[0] ?? "", origin },
    topic,
    join: JSON.stringify(["1", "1", topic, "phx_join", payload]),
  };
}

/** Opens a socket, without compression. */
export async function openSocket(
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<WebSocket> {
  const socket = new WebSocket(url, { headers, perMessageDeflate: false });
  await once(socket, "open");
  return socket;
}

/**
 * Sends a frame, and resolves with the next received frame.
 *
 * @throws Error if the received frame does not match `answer`.
 */
export async function ask(socket: WebSocket, frame: string, answer: RegExp): Promise<string> {
  socket.send(frame);
  const [data] = (await once(socket, "message")) as [Buffer];
  const text = data.toString();
  if (!answer.test(text)) throw new Error(`Sending a frame: expected ${answer}, got ${text}.`);
  return text;
}

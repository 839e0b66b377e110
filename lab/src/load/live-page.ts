import { initLiveStash, type JoinParams } from "@live-stash/browser";
import {
  type ClientTree,
  createClientTree,
  decodeFrame,
  encodeFrame,
  EVENT,
  type Frame,
  HEARTBEAT_TOPIC,
  isJsonObject,
  PROTOCOL_VERSION,
  VIEW_TOPIC_PREFIX,
  WEBSOCKET_PATH,
  type WireEvent,
  type WireTree,
} from "@live-stash/wire";
import { WebSocket } from "ws";
import type { LoadedPage } from "./load-page.ts";
import { type Card, readCard } from "./page-html.ts";

/** The name under which the official client dispatches a view's events on `window`. */
const WINDOW_EVENT_PREFIX = "phx:";

interface Waiting {
  /** `undefined` while the socket opens: no reply can be for it. */
  readonly ref: string | undefined;
  readonly settle: (response: Record<string, unknown>) => void;
  readonly fail: (error: Error) => void;
}

/**
 * A page without a browser. It sends what the official client with `@live-stash/browser` sends, and
 * keeps its token over reconnects.
 */
export class LivePage {
  readonly #page: LoadedPage;
  readonly #localAddress: string;
  readonly #window = new EventTarget();
  readonly #joinParams: JoinParams;
  readonly #element: HTMLElement;
  readonly #topic: string;
  #socket: WebSocket | undefined;
  #tree: ClientTree | undefined;
  #waiting: Waiting | undefined;
  #refs = 0;
  #joinRef = "";
  #mounts = 0;
  #mountAttempts = 0;

  constructor(page: LoadedPage, localAddress: string) {
    this.#page = page;
    this.#localAddress = localAddress;
    this.#topic = `${VIEW_TOPIC_PREFIX}${page.id}`;
    this.#joinParams = initLiveStash({ _csrf_token: page.csrfToken }, { window: this.#window });
    // The client module reads nothing of the container but its id.
    this.#element = { id: page.id } as HTMLElement;
  }

  /** Opens a socket and joins: with the page's token, if it has one. */
  connect(): Promise<void> {
    return new Promise((resolve, reject) => {
      const { host, origin } = new URL(this.#page.url);
      const query = new URLSearchParams({
        _csrf_token: this.#page.csrfToken,
        vsn: PROTOCOL_VERSION,
      });
      const socket = new WebSocket(`ws://${host}${WEBSOCKET_PATH}?${query}`, {
        localAddress: this.#localAddress,
        perMessageDeflate: false,
        headers: { cookie: this.#page.cookie },
        origin,
      });
      this.#socket = socket;
      this.#waiting = { ref: undefined, settle: () => undefined, fail: reject };
      const fail = (error: Error): void => {
        if (this.#socket === socket) this.#waiting?.fail(error);
      };
      socket.once("open", () => this.#join(resolve, reject));
      socket.on("message", (data: Buffer) => this.#receive(socket, data.toString()));
      socket.on("error", fail);
      socket.on("close", (code) => fail(new Error(`closed with ${code}`)));
    });
  }

  /** Clicks an element with `phx-click`; settles when the page has merged the reply. */
  click(event: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#push(
        EVENT.event,
        { type: "click", event, value: { value: "" } },
        ({ diff }) => {
          if (diff !== undefined) this.#merge(diff as WireTree);
          resolve();
        },
        reject,
      );
    });
  }

  /** Reads the card that the page shows now. */
  card(): Card | undefined {
    return readCard(this.#tree?.toHtml() ?? "");
  }

  /** The length of the page's token, in characters; 0 without a token. */
  tokenCharacters(): number {
    const token = this.#joinParams(this.#element)._live_stash;
    return typeof token === "string" ? token.length : 0;
  }

  heartbeat(): void {
    this.#refs += 1;
    this.#socket?.send(encodeFrame(null, String(this.#refs), HEARTBEAT_TOPIC, EVENT.heartbeat, {}));
  }

  /** Drops the connection without a closing handshake, as a tunnel or a locked phone does. */
  lose(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#waiting = undefined;
    this.#tree = undefined;
    socket?.terminate();
  }

  /** Fails the step that is waiting for a reply. */
  giveUp(reason: string): void {
    this.#waiting?.fail(new Error(reason));
  }

  #join(done: () => void, fail: (error: Error) => void): void {
    const params = this.#joinParams(this.#element);
    params._mounts = this.#mounts;
    params._mount_attempts = this.#mountAttempts;
    this.#mountAttempts += 1;
    const { url, session, static: staticToken } = this.#page;
    this.#joinRef = String(this.#refs + 1);
    this.#push(
      EVENT.join,
      { url, params, session, static: staticToken, sticky: false },
      ({ rendered }) => {
        this.#tree = createClientTree(rendered as WireTree);
        this.#mounts += 1;
        this.#mountAttempts = 0;
        this.#dispatch(this.#tree.joinEffects.events);
        done();
      },
      fail,
    );
  }

  #push(event: string, payload: object, settle: Waiting["settle"], fail: Waiting["fail"]): void {
    this.#refs += 1;
    const ref = String(this.#refs);
    this.#waiting = { ref, settle, fail };
    this.#socket?.send(encodeFrame(this.#joinRef, ref, this.#topic, event, payload));
  }

  #receive(socket: WebSocket, text: string): void {
    if (this.#socket !== socket) return;
    const frame = decodeFrame(text);
    if (frame === undefined || frame.topic !== this.#topic) return;
    if (frame.event === EVENT.reply) this.#receiveReply(frame);
    else if (frame.event === EVENT.diff) this.#merge(frame.payload as WireTree);
    else if (frame.event === EVENT.error) this.#waiting?.fail(new Error("the view crashed"));
  }

  #receiveReply({ ref, payload }: Frame): void {
    const waiting = this.#waiting;
    if (waiting === undefined || waiting.ref !== ref || !isJsonObject(payload)) return;
    this.#waiting = undefined;
    const response = isJsonObject(payload.response) ? payload.response : {};
    if (payload.status === "ok") waiting.settle(response);
    else waiting.fail(new Error(`refused: ${JSON.stringify(response.reason) ?? "redirected"}`));
  }

  #merge(diff: WireTree): void {
    const effects = this.#tree?.merge(diff);
    if (effects !== undefined) this.#dispatch(effects.events);
  }

  #dispatch(events: readonly WireEvent[]): void {
    for (const [name, detail] of events) {
      this.#window.dispatchEvent(new CustomEvent(`${WINDOW_EVENT_PREFIX}${name}`, { detail }));
    }
  }
}

import { initLiveStash, type JoinParams } from "@live-stash/browser";
import {
  createClientTree,
  decodeFrame,
  encodeFrame,
  EVENT,
  isJsonObject,
  PROTOCOL_VERSION,
  VIEW_TOPIC_PREFIX,
  WEBSOCKET_PATH,
  type ClientTree,
  type Frame,
  type JsonObject,
  type WireTree,
} from "@live-stash/wire";
import { setTimeout as delay } from "node:timers/promises";
import { WebSocket } from "ws";

/** The client's delays before it joins again on an open connection, in ms. */
const REJOIN_AFTER_MS = [1_000, 2_000, 5_000];
const LAST_REJOIN_AFTER_MS = 10_000;

/** The parts of a loaded page that its join needs. */
interface LoadedPage {
  readonly path: string;
  readonly cookie: string;
  readonly csrfToken: string;
  readonly id: string;
  readonly session: string;
  readonly static: string;
}

/**
 * A page of the plain counter without a browser: a user who counts, loses the connection and reconnects
 * with the token that `@live-stash/browser` keeps. Many fit into one process.
 */
export class RawUser {
  readonly #page: LoadedPage;
  readonly #window = new EventTarget();
  readonly #joinParams: JoinParams;
  /**
   * The nodes that were asked for the page's state since the map was cleared, and the time at which the
   * connection to each was opened, in ms of `performance.now()`.
   */
  readonly asked = new Map<string, number>();
  #mounts = 0;
  #attempts = 0;
  #joins = 0;

  private constructor(page: LoadedPage) {
    this.#page = page;
    this.#joinParams = initLiveStash({ _csrf_token: page.csrfToken }, { window: this.#window });
  }

  /** Loads a page without connecting. */
  static async load(base: string, path: string): Promise<RawUser> {
    return new RawUser(await loadPage(base, path));
  }

  /** The number of joins, including one in progress. */
  get joins(): number {
    return this.#joins;
  }

  /**
   * Connects through this address, and joins with the page's token. If the server asks for another join,
   * the page joins again after the client's back-off, on the same connection.
   */
  async connect(base: string, onPending?: () => void): Promise<RawView> {
    const { cookie, csrfToken } = this.#page;
    const url = new URL(WEBSOCKET_PATH, base.replace("http", "ws"));
    url.searchParams.set("_csrf_token", csrfToken);
    url.searchParams.set("vsn", PROTOCOL_VERSION);
    const connection = new RawConnection(new WebSocket(url, { headers: { cookie }, origin: base }));
    await connection.opened;
    return this.#join(connection, base, 0, onPending);
  }

  /** Joins again on the connection of a view that has failed, after the client's back-off. */
  rejoin(failed: RawView, base: string, onPending?: () => void): Promise<RawView> {
    return this.#join(failed.connection, base, 1, onPending);
  }

  async #join(
    connection: RawConnection,
    base: string,
    failures: number,
    onPending?: () => void,
  ): Promise<RawView> {
    const { path, id, session, static: fixed } = this.#page;
    for (let tries = failures; ; tries += 1) {
      if (tries > 0) {
        const delayMs = REJOIN_AFTER_MS[tries - 1] ?? LAST_REJOIN_AFTER_MS;
        await Promise.race([delay(delayMs), connection.closed]);
      }
      this.#joins += 1;
      this.asked.set(connection.node, connection.openedAtMs);
      const params = {
        ...this.#joinParams({ id } as HTMLElement),
        _mounts: this.#mounts,
        _mount_attempts: this.#attempts,
      };
      this.#attempts += 1;
      try {
        const view = await RawView.join(connection, {
          topic: `${VIEW_TOPIC_PREFIX}${id}`,
          payload: { url: new URL(path, base).href, params, session, static: fixed, sticky: false },
          onEvent: (name, detail) => {
            this.#window.dispatchEvent(new CustomEvent(`phx:${name}`, { detail }));
          },
        });
        this.#mounts += 1;
        this.#attempts = 0;
        return view;
      } catch (cause) {
        if (!(cause instanceof ViewFailed)) throw cause;
        onPending?.();
      }
    }
  }
}

async function loadPage(base: string, path: string): Promise<LoadedPage> {
  const response = await fetch(new URL(path, base));
  const text = await response.text();
  const attribute = (name: string): string => new RegExp(`${name}="([^"]*)"`).exec(text)?.[1] ?? "";
  if (response.status !== 200 || attribute("data-phx-session") === "") {
    throw new Error(`Loading ${path}: expected a page with a view, got ${response.status} ${text}`);
  }
  return {
    path,
    cookie: response.headers
      .getSetCookie()
      .map((each) => each.split(";")[0])
      .join("; "),
    csrfToken: /name="csrf-token" content="([^"]*)"/.exec(text)?.[1] ?? "",
    id:
      /<[^>]*id="([^"]*)"[^>]*data-phx-main|<[^>]*data-phx-main[^>]*id="([^"]*)"/
        .exec(text)
        ?.slice(1)
        .find(Boolean) ?? "",
    session: attribute("data-phx-session"),
    static: attribute("data-phx-static"),
  };
}

interface Join {
  readonly topic: string;
  readonly payload: object;
  readonly onEvent: (name: string, detail: unknown) => void;
}

/** The connection ended before the awaited frame. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
}

/** The server ended the view, and its page joins again: the view crashed, or its store does not answer. */
export class ViewFailed extends Error {
  override readonly name = "ViewFailed";
}

/** One connection of a page. */
class RawConnection {
  /** The address of the node behind nginx; empty without nginx. */
  node = "";
  /** Resolves with the close code; 1006 if there was none. */
  readonly closed: Promise<number>;
  readonly opened: Promise<void>;
  openedAtMs = performance.now();
  /** Receives frames, for the view that joined last. */
  onFrame: (frame: Frame) => void = () => undefined;
  onLost: (cause: ConnectionLost) => void = () => undefined;
  readonly #socket: WebSocket;
  #lastRef = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on(
      "upgrade",
      ({ headers }) =>
        (this.node =
          String(headers["x-node"] ?? "")
            .split(", ")
            .at(-1) ?? ""),
    );
    socket.on("message", (data: Buffer) => {
      const text = data.toString();
      const frame = decodeFrame(text);
      if (frame === undefined || !isJsonObject(frame.payload)) {
        throw new Error(`not a frame: ${text}`);
      }
      this.onFrame(frame);
    });
    // `close` follows, and is awaited.
    socket.on("error", () => undefined);
    this.closed = new Promise((resolve) => {
      socket.once("close", (code) => {
        this.onLost(new ConnectionLost(`closed with ${code}`));
        resolve(code);
      });
    });
    this.opened = new Promise((resolve, reject) => {
      socket.once("open", () => {
        this.openedAtMs = performance.now();
        resolve();
      });
      void this.closed.then((code) => reject(new ConnectionLost(`refused (${code})`)));
    });
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  nextRef(): string {
    this.#lastRef += 1;
    return String(this.#lastRef);
  }

  send(text: string, onError: (cause: Error) => void): void {
    this.#socket.send(text, (cause) => {
      if (cause) onError(new ConnectionLost("sent too late", { cause }));
    });
  }

  /** Drops the connection without a closing handshake. */
  async lose(): Promise<void> {
    this.#socket.terminate();
    await this.closed;
  }
}

/** A view of a page, from its join to its end. */
export class RawView {
  readonly connection: RawConnection;
  readonly #join: Join;
  readonly #joinRef: string;
  readonly #waiting = new Map<
    string,
    { resolve: (reply: JsonObject) => void; reject: (cause: Error) => void }
  >();
  #tree: ClientTree | undefined;

  private constructor(connection: RawConnection, join: Join) {
    this.connection = connection;
    this.#join = join;
    this.#joinRef = connection.nextRef();
    connection.onFrame = (frame) => this.#receive(frame);
    connection.onLost = (cause) => this.#rejectAll(cause);
  }

  static async join(connection: RawConnection, join: Join): Promise<RawView> {
    const view = new RawView(connection, join);
    const response = await view.#push(EVENT.join, join.payload, view.#joinRef);
    const { rendered } = response as { rendered: WireTree };
    view.#tree = createClientTree(rendered);
    for (const [name, detail] of view.#tree.joinEffects.events) join.onEvent(name, detail);
    return view;
  }

  get node(): string {
    return this.connection.node;
  }

  get closed(): Promise<number> {
    return this.connection.closed;
  }

  get count(): number {
    return Number(this.#text("stat-value"));
  }

  /** The result of its recovery, such as `recovered` or `not_found: absent`. */
  get status(): string {
    const reason = this.#text("reason");
    return reason === "" ? this.#text("status") : `${this.#text("status")}: ${reason}`;
  }

  /** The result of the last stash; empty before the first. */
  get stashed(): string {
    return this.#text("stashed");
  }

  /** Adds to the count, and stashes. Resolves when the server has acknowledged the event. */
  async add(amount = 1): Promise<void> {
    await this.push("add", { amount: String(amount) });
  }

  /** Sends an event. Resolves when the server has answered. */
  async push(event: string, value: object): Promise<void> {
    await this.#push(EVENT.event, { type: "click", event, value });
  }

  /** Drops the connection without a closing handshake. */
  lose(): Promise<void> {
    return this.connection.lose();
  }

  #push(event: string, payload: object, ref = this.connection.nextRef()): Promise<JsonObject> {
    return new Promise((resolve, reject) => {
      if (!this.connection.isOpen) return reject(new ConnectionLost("closed before it was sent"));
      this.#waiting.set(ref, { resolve, reject });
      const text = encodeFrame(this.#joinRef, ref, this.#join.topic, event, payload);
      return this.connection.send(text, reject);
    });
  }

  #receive(frame: Frame): void {
    if (frame.joinRef !== null && frame.joinRef !== this.#joinRef) return;
    const payload = frame.payload as JsonObject;
    if (frame.event === EVENT.reply) this.#settle(frame, payload);
    if (frame.event === EVENT.diff) this.#merge(payload);
    if (frame.event === EVENT.error) this.#rejectAll(new ViewFailed(JSON.stringify(payload)));
  }

  #rejectAll(cause: Error): void {
    for (const { reject } of this.#waiting.values()) reject(cause);
    this.#waiting.clear();
  }

  #settle({ ref }: Frame, { status, response }: JsonObject): void {
    const waiting = this.#waiting.get(ref ?? "");
    this.#waiting.delete(ref ?? "");
    if (!isJsonObject(response) || status !== "ok") {
      waiting?.reject(new Error(`refused: ${JSON.stringify(response)}`));
      return;
    }
    if (isJsonObject(response["diff"])) this.#merge(response["diff"]);
    waiting?.resolve(response);
  }

  #merge(diff: JsonObject): void {
    for (const [name, detail] of this.#tree?.merge(diff as WireTree).events ?? []) {
      this.#join.onEvent(name, detail);
    }
  }

  #text(className: string): string {
    const html = this.#tree?.toHtml() ?? "";
    return new RegExp(`class="${className}"[^>]*>([^<]*)<`).exec(html)?.[1] ?? "";
  }
}

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
import { WebSocket } from "ws";

/** What the page that is loaded knows of itself. */
interface LoadedPage {
  readonly path: string;
  readonly cookie: string;
  readonly csrfToken: string;
  readonly id: string;
  readonly session: string;
  readonly static: string;
}

/**
 * A page of the plain counter without a browser: one person who counts, loses the connection and
 * comes back, with what `@live-stash/browser` holds for them. Many fit into one process.
 */
export class RawUser {
  readonly #page: LoadedPage;
  readonly #window = new EventTarget();
  readonly #joinParams: JoinParams;
  #mounts = 0;

  private constructor(page: LoadedPage) {
    this.#page = page;
    this.#joinParams = initLiveStash({ _csrf_token: page.csrfToken }, { window: this.#window });
  }

  /** Loads a page, without connecting. */
  static async load(base: string, path: string): Promise<RawUser> {
    return new RawUser(await loadPage(base, path));
  }

  /** Connects through this address, and joins with what is held. */
  async connect(base: string): Promise<RawView> {
    const { path, cookie, csrfToken, id, session, static: fixed } = this.#page;
    const url = new URL(WEBSOCKET_PATH, base.replace("http", "ws"));
    url.searchParams.set("_csrf_token", csrfToken);
    url.searchParams.set("vsn", PROTOCOL_VERSION);
    const params = { ...this.#joinParams({ id } as HTMLElement), _mounts: this.#mounts };
    const view = await RawView.join(new WebSocket(url, { headers: { cookie }, origin: base }), {
      topic: `${VIEW_TOPIC_PREFIX}${id}`,
      payload: { url: new URL(path, base).href, params, session, static: fixed, sticky: false },
      onEvent: (name, detail) => {
        this.#window.dispatchEvent(new CustomEvent(`phx:${name}`, { detail }));
      },
    });
    this.#mounts += 1;
    return view;
  }
}

async function loadPage(base: string, path: string): Promise<LoadedPage> {
  const response = await fetch(new URL(path, base));
  const text = await response.text();
  const attribute = (name: string): string => new RegExp(`${name}="([^"]*)"`).exec(text)?.[1] ?? "";
  if (response.status !== 200 || attribute("data-phx-session") === "") {
    throw new Error(
      `Loading ${path}: expected a page with a view, found ${response.status} ${text}`,
    );
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

/** The connection ended before what was waited for came. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
}

/** One connection of a page, from its join to its end. */
export class RawView {
  /** The address of the node behind nginx; empty if there is no nginx between. */
  node = "";
  /** Resolves with the code of the close, 1006 if there was none. */
  readonly closed: Promise<number>;
  readonly #socket: WebSocket;
  readonly #join: Join;
  readonly #waiting = new Map<
    string,
    { resolve: (reply: JsonObject) => void; reject: (cause: Error) => void }
  >();
  #tree: ClientTree | undefined;
  #lastRef = 0;

  private constructor(socket: WebSocket, join: Join) {
    this.#socket = socket;
    this.#join = join;
    socket.on(
      "upgrade",
      ({ headers }) =>
        (this.node =
          String(headers["x-node"] ?? "")
            .split(", ")
            .at(-1) ?? ""),
    );
    socket.on("message", (data: Buffer) => this.#receive(data.toString()));
    // It closes right after, which is what is waited for.
    socket.on("error", () => undefined);
    this.closed = new Promise((resolve) => {
      socket.once("close", (code) => {
        const lost = new ConnectionLost(`closed with ${code}`);
        for (const { reject } of this.#waiting.values()) reject(lost);
        this.#waiting.clear();
        resolve(code);
      });
    });
  }

  static async join(socket: WebSocket, join: Join): Promise<RawView> {
    const view = new RawView(socket, join);
    await new Promise<void>((resolve, reject) => {
      socket.once("open", resolve);
      void view.closed.then((code) => reject(new ConnectionLost(`refused (${code})`)));
    });
    const response = await view.#push(EVENT.join, join.payload);
    const { rendered } = response as { rendered: WireTree };
    view.#tree = createClientTree(rendered);
    for (const [name, detail] of view.#tree.joinEffects.events) join.onEvent(name, detail);
    return view;
  }

  get count(): number {
    return Number(this.#text("stat-value"));
  }

  /** How it came to its count, such as `recovered` or `not_found: absent`. */
  get status(): string {
    const reason = this.#text("reason");
    return reason === "" ? this.#text("status") : `${this.#text("status")}: ${reason}`;
  }

  /** What became of the last stash; empty as long as there was none. */
  get stashed(): string {
    return this.#text("stashed");
  }

  /** Counts on, and stashes. Resolves when the server has acknowledged it. */
  async add(amount = 1): Promise<void> {
    const value = { amount: String(amount) };
    await this.#push(EVENT.event, { type: "click", event: "add", value });
  }

  /** Loses the connection without a word. */
  async lose(): Promise<void> {
    this.#socket.terminate();
    await this.closed;
  }

  #push(event: string, payload: object): Promise<JsonObject> {
    const ref = String((this.#lastRef += 1));
    return new Promise((resolve, reject) => {
      this.#waiting.set(ref, { resolve, reject });
      this.#socket.send(encodeFrame("1", ref, this.#join.topic, event, payload), (cause) => {
        if (cause) reject(new ConnectionLost("sent too late", { cause }));
      });
    });
  }

  #receive(text: string): void {
    const frame = decodeFrame(text);
    if (frame === undefined || !isJsonObject(frame.payload))
      throw new Error(`not a frame: ${text}`);
    if (frame.event === EVENT.reply) this.#settle(frame, frame.payload);
    if (frame.event === EVENT.diff) this.#merge(frame.payload);
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

import {
  EVENT,
  isJsonObject,
  VIEW_TOPIC_PREFIX,
  type Frame,
  type JsonObject,
} from "@live-stash/wire";
import type { PageResponse } from "../first-render/render-page.ts";
import {
  clickValue,
  encodeFormValues,
  findElement,
  queryText,
  type FormValues,
} from "./dom-queries.ts";
import { PageState, type ReceivedEvent } from "./page-state.ts";
import type { Reply, TestSocket } from "./test-socket.ts";

/** Opens the page's socket with its CSRF token and the client's cookies. */
export type OpenSocket = (csrfToken: string, onPush: (frame: Frame) => void) => Promise<TestSocket>;

/**
 * The `params` function of a `LiveSocket`: called with the view's container for a join. There are no
 * elements here, so it gets a stand-in that has an id and nothing else.
 */
export type ParamsFunction = (container?: never) => object;

const NOTHING: Reply = { status: "ok", response: {} };

/** One open page of a headless client: the view's HTML, and what a person would do with it. */
export class TestPage {
  readonly status: number;
  /** The document as the HTTP response carried it. */
  readonly document: string;

  readonly #openSocket: OpenSocket;
  readonly #state: PageState;
  readonly #params: ParamsFunction;
  readonly #container: { topic: string; id: string; session: string; static: string } | undefined;
  #socket: TestSocket | undefined;
  #joinRef = "";
  #reachedBy: "url" | "redirect" = "url";

  constructor(
    openSocket: OpenSocket,
    url: URL,
    response: PageResponse,
    params: (window: EventTarget) => ParamsFunction,
  ) {
    this.#openSocket = openSocket;
    this.#state = new PageState(url);
    this.status = response.status;
    this.document = response.body;
    this.#params = params(this.#state.window);
    if (response.status !== 200) return;
    const main = findElement(response.body, "[data-phx-main]");
    const id = main.getAttribute("id") ?? "";
    this.#container = {
      id,
      topic: `${VIEW_TOPIC_PREFIX}${id}`,
      session: main.getAttribute("data-phx-session") ?? "",
      static: main.getAttribute("data-phx-static") ?? "",
    };
  }

  /** The view's HTML as the page shows it now. */
  get html(): string {
    return this.#state.tree?.toHtml() ?? findElement(this.document, "[data-phx-main]").innerHTML;
  }

  get url(): URL {
    return this.#state.url;
  }

  /** The title that the view set, once connected. */
  get title(): string | undefined {
    return this.#state.title;
  }

  /** Everything that the view pushed with `pushEvent`, in order. */
  get events(): readonly ReceivedEvent[] {
    return this.#state.events;
  }

  get connected(): boolean {
    return this.#socket !== undefined && !this.#state.crashed;
  }

  /** The view crashed, or its join was refused; `rejoin()` or `reconnect()` tries again. */
  get crashed(): boolean {
    return this.#state.crashed;
  }

  /** The answer to the last join if that was refused. */
  get joinError(): JsonObject | undefined {
    return this.#state.joinError;
  }

  /** The text of the one element that a CSS selector finds. */
  text(selector: string): string {
    return queryText(this.html, selector);
  }

  /** Opens a socket and joins. */
  async connect(): Promise<void> {
    const csrf = findElement(this.document, "meta[name=csrf-token]").getAttribute("content") ?? "";
    this.#socket = await this.#openSocket(csrf, (frame) => this.#receive(frame));
    await this.rejoin();
  }

  /** Loses the connection, as in a tunnel. */
  async disconnect(): Promise<void> {
    await this.#socket?.disconnect();
    this.#socket = undefined;
  }

  /** Comes back: another socket, the same page. */
  async reconnect(): Promise<void> {
    await this.disconnect();
    await this.connect();
  }

  /** Joins again over the same socket, as the client does after a crash. */
  async rejoin(): Promise<void> {
    await this.#join();
  }

  /** Clicks the one element that fits: its `phx-click` or live link. */
  async click(selector: string, options: { readonly text?: string } = {}): Promise<Reply> {
    const element = findElement(this.html, selector, options.text);
    const event = element.getAttribute("phx-click");
    if (event !== undefined) return this.#runClick(event, clickValue(element));
    const href = element.getAttribute("href");
    const link = element.getAttribute("data-phx-link");
    if (href === undefined || link === undefined) {
      throw new Error(`${selector} has neither phx-click nor a live link; for others use visit()`);
    }
    if (link === "patch") return this.patch(href);
    await this.navigate(href);
    return NOTHING;
  }

  /** Submits a form with its rendered values and those given; a list is all values of one name. */
  async submit(selector: string, values: FormValues = {}): Promise<Reply> {
    const form = findElement(this.html, selector);
    return this.#pushForm(form.getAttribute("phx-submit"), encodeFormValues(form, values), {});
  }

  /** Changes fields of a form; the last one given is the one that was touched. */
  async change(selector: string, values: FormValues): Promise<Reply> {
    const form = findElement(this.html, selector);
    const meta = { _target: Object.keys(values).at(-1) ?? "undefined" };
    return this.#pushForm(form.getAttribute("phx-change"), encodeFormValues(form, values), meta);
  }

  /** Pushes an event as a client hook would; `response.diff.r` of the answer is the hook's reply. */
  async pushEvent(event: string, value: object = {}): Promise<Reply> {
    return this.#push(EVENT.event, { type: "hook", event, value });
  }

  /** Follows a live patch link; where that leads to another view, navigates. */
  async patch(to: string): Promise<Reply> {
    const url = new URL(to, this.url);
    const reply = await this.#push(EVENT.livePatch, { url: url.href });
    if (reply.response.link_redirect === true) await this.navigate(url.href);
    else this.#state.url = url;
    return reply;
  }

  /** Live navigation: leaves, then joins on the same topic with the same tokens. */
  async navigate(to: string, flash?: unknown): Promise<void> {
    await this.#push(EVENT.leave, {});
    this.#state.url = new URL(to, this.url);
    this.#state.mounts = 0;
    this.#reachedBy = "redirect";
    await this.#join(typeof flash === "string" ? { flash } : {});
  }

  /** Waits until a push of the view makes the condition true. */
  async waitFor(condition: (page: TestPage) => boolean): Promise<void> {
    while (!condition(this)) await this.#state.nextChange();
  }

  async #join(extra: object = {}): Promise<void> {
    const { id, topic, session, static: first } = this.#view();
    const socket = this.#open();
    this.#joinRef = socket.nextRef;
    const payload = {
      [this.#reachedBy]: this.url.href,
      params: { ...this.#params({ id } as never), _mounts: this.#state.mounts, _mount_attempts: 0 },
      session,
      static: first,
      sticky: false,
      ...extra,
    };
    const reply = await socket.push(this.#joinRef, topic, EVENT.join, payload, (answer) =>
      this.#state.joined(answer),
    );
    await this.#follow(reply.response);
  }

  async #runClick(event: string, value: Record<string, unknown>): Promise<Reply> {
    if (!event.startsWith("[")) return this.#push(EVENT.event, { type: "click", event, value });
    let reply = NOTHING;
    for (const [command, options] of JSON.parse(event) as [string, JsonObject][]) {
      if (command === "push") {
        const merged = { ...value, ...(isJsonObject(options.value) ? options.value : {}) };
        const click = { type: "click", event: options.event, value: merged };
        reply = await this.#push(EVENT.event, click);
      }
      if (command === "patch") reply = await this.patch(String(options.href));
      if (command === "navigate") await this.navigate(String(options.href));
    }
    return reply;
  }

  #pushForm(event: string | undefined, value: string, meta: object): Promise<Reply> {
    if (event === undefined) throw new Error("the form has no event for this");
    return this.#push(EVENT.event, { type: "form", event, value, meta });
  }

  async #push(event: string, payload: object): Promise<Reply> {
    const { topic } = this.#view();
    const reply = await this.#open().push(this.#joinRef, topic, event, payload, (answer) =>
      this.#state.replied(answer),
    );
    await this.#follow(reply.response);
    return reply;
  }

  #receive(frame: Frame): void {
    if (frame.joinRef !== this.#joinRef) return;
    this.#state.pushed(frame);
    void this.#follow({ [frame.event]: frame.payload });
  }

  /** Goes where the view sends the page. A full page load is the test's to do: the page only disconnects. */
  async #follow(response: JsonObject): Promise<void> {
    const { live_redirect: live, redirect } = response;
    if (isJsonObject(live)) await this.navigate(String(live.to), live.flash);
    if (isJsonObject(redirect)) {
      this.#state.url = new URL(String(redirect.to), this.url);
      await this.disconnect();
    }
  }

  #view(): { topic: string; id: string; session: string; static: string } {
    if (this.#container === undefined) {
      throw new Error(`the page answered ${this.status} and shows no view`);
    }
    return this.#container;
  }

  #open(): TestSocket {
    if (this.#socket === undefined) throw new Error("the page is not connected");
    return this.#socket;
  }
}

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

/** Opens a page's socket with its CSRF token and the client's cookies. */
export type OpenSocket = (csrfToken: string, onPush: (frame: Frame) => void) => Promise<TestSocket>;

/**
 * The `params` function of a `LiveSocket`: each join calls it with the view's container. The headless
 * client has no elements and passes an object with the container's `id` only.
 */
export type ParamsFunction = (container?: never) => object;

/** The reply of a click that only navigates. */
const NO_REPLY: Reply = { status: "ok", response: {} };

/** One open page of a headless client: it has the view's HTML, and acts as its user does. */
export class TestPage {
  readonly status: number;
  /** The document of the HTTP response. */
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

  /** The view's current HTML. */
  get html(): string {
    return this.#state.tree?.toHtml() ?? findElement(this.document, "[data-phx-main]").innerHTML;
  }

  get url(): URL {
    return this.#state.url;
  }

  /** The title that the connected view set. */
  get title(): string | undefined {
    return this.#state.title;
  }

  /** The events that the view pushed with `pushEvent`, in order. */
  get events(): readonly ReceivedEvent[] {
    return this.#state.events;
  }

  get connected(): boolean {
    return this.#socket !== undefined && !this.#state.crashed;
  }

  /** Whether the view crashed or its join was refused; `rejoin()` or `reconnect()` tries again. */
  get crashed(): boolean {
    return this.#state.crashed;
  }

  /** The response to the last join, if it was refused. */
  get joinError(): JsonObject | undefined {
    return this.#state.joinError;
  }

  /** Returns the text of the one element of a CSS selector. */
  text(selector: string): string {
    return queryText(this.html, selector);
  }

  /** Opens a socket and joins. */
  async connect(): Promise<void> {
    const csrf = findElement(this.document, "meta[name=csrf-token]").getAttribute("content") ?? "";
    this.#socket = await this.#openSocket(csrf, (frame) => this.#receive(frame));
    await this.rejoin();
  }

  /** Closes the socket without leaving, as a lost connection does. */
  async disconnect(): Promise<void> {
    await this.#socket?.disconnect();
    this.#socket = undefined;
  }

  /** Connects the same page again, over a new socket. */
  async reconnect(): Promise<void> {
    await this.disconnect();
    await this.connect();
  }

  /** Joins again over the same socket, as the official client does after a crash. */
  async rejoin(): Promise<void> {
    await this.#join();
  }

  /** Clicks the one element of a selector, which has a `phx-click` or is a live link. */
  async click(selector: string, options: { readonly text?: string } = {}): Promise<Reply> {
    const element = findElement(this.html, selector, options.text);
    const event = element.getAttribute("phx-click");
    if (event !== undefined) return this.#runClick(event, clickValue(element));
    const href = element.getAttribute("href");
    const link = element.getAttribute("data-phx-link");
    if (href === undefined || link === undefined) {
      throw new Error(
        `click: expected ${selector} to have phx-click or be a live link. For other links, use visit().`,
      );
    }
    if (link === "patch") return this.patch(href);
    await this.navigate(href);
    return NO_REPLY;
  }

  /** Submits a form with its rendered values, replaced by `values`; a list has all values of one name. */
  async submit(selector: string, values: FormValues = {}): Promise<Reply> {
    const form = findElement(this.html, selector);
    return this.#pushForm(form.getAttribute("phx-submit"), encodeFormValues(form, values), {});
  }

  /** Changes fields of a form. The last one of `values` is the one that the user touched. */
  async change(selector: string, values: FormValues): Promise<Reply> {
    const form = findElement(this.html, selector);
    const meta = { _target: Object.keys(values).at(-1) ?? "undefined" };
    return this.#pushForm(form.getAttribute("phx-change"), encodeFormValues(form, values), meta);
  }

  /** Pushes an event as a client hook does; `response.diff.r` of the reply is for the hook. */
  async pushEvent(event: string, value: object = {}): Promise<Reply> {
    return this.#push(EVENT.event, { type: "hook", event, value });
  }

  /** Follows a live patch link; navigates if it leads to another view. */
  async patch(to: string): Promise<Reply> {
    const url = new URL(to, this.url);
    const reply = await this.#push(EVENT.livePatch, { url: url.href });
    if (reply.response.link_redirect === true) await this.navigate(url.href);
    else this.#state.url = url;
    return reply;
  }

  /** Navigates live: leaves, then joins the same topic with the same tokens. */
  async navigate(to: string, flash?: unknown): Promise<void> {
    await this.#push(EVENT.leave, {});
    this.#state.url = new URL(to, this.url);
    this.#state.mounts = 0;
    this.#reachedBy = "redirect";
    await this.#join(typeof flash === "string" ? { flash } : {});
  }

  /** Waits until the condition is true, and checks it after each frame. */
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
    let reply = NO_REPLY;
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
    if (event === undefined)
      throw new Error(
        "expected the form to have an event for this action (phx-submit or phx-change), found none",
      );
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

  /** Follows a redirect of the view. For a full page load it only disconnects: the test calls `visit()`. */
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
      throw new Error(`expected a page with a view, found a response with ${this.status}`);
    }
    return this.#container;
  }

  #open(): TestSocket {
    if (this.#socket === undefined)
      throw new Error("expected a connected page, found one without a socket. Call connect().");
    return this.#socket;
  }
}

import {
  createClientTree,
  EVENT,
  isJsonObject,
  type ClientTree,
  type Frame,
  type JsonObject,
  type WireTree,
} from "@live-stash/wire";
import type { Reply } from "./test-socket.ts";

/** An event that the view pushed to the browser. */
export interface ReceivedEvent {
  readonly name: string;
  readonly payload: unknown;
}

/** The state of a page: its render and the events that it received. Frames are applied synchronously, in order. */
export class PageState {
  /** Dispatches the view's events as `phx:<name>`, as the browser's `window` does. */
  readonly window = new EventTarget();
  readonly events: ReceivedEvent[] = [];
  url: URL;
  title: string | undefined;
  tree: ClientTree | undefined;
  crashed = false;
  joinError: JsonObject | undefined;
  /** Successful joins since the page was loaded or navigated, as the official client counts them. */
  mounts = 0;
  #changed: (() => void)[] = [];

  constructor(url: URL) {
    this.url = url;
  }

  /** Applies the reply to a join. */
  joined(reply: Reply): void {
    this.crashed = reply.status !== "ok";
    this.joinError = reply.status === "ok" ? undefined : reply.response;
    const { rendered } = reply.response;
    if (reply.status !== "ok" || !isJsonObject(rendered)) return this.#wake();
    this.mounts += 1;
    this.tree = createClientTree(rendered as unknown as WireTree);
    this.#apply(rendered);
    if (isJsonObject(reply.response.live_patch)) this.#patched(reply.response.live_patch);
    this.#wake();
  }

  /** Applies the reply to any other push. */
  replied(reply: Reply): void {
    if (isJsonObject(reply.response.diff)) this.#merge(reply.response.diff);
    this.#wake();
  }

  /** Applies a push of the server. */
  pushed({ event, payload }: Frame): void {
    if (event === EVENT.error) this.crashed = true;
    if (event === EVENT.diff && isJsonObject(payload)) this.#merge(payload);
    if (event === EVENT.livePatch && isJsonObject(payload)) this.#patched(payload);
    this.#wake();
  }

  /** Resolves when the next frame has been applied. */
  nextChange(): Promise<void> {
    return new Promise((resolve) => this.#changed.push(resolve));
  }

  #merge(diff: JsonObject): void {
    this.tree?.merge(diff as unknown as WireTree);
    this.#apply(diff);
  }

  /** Applies the title and the events of a diff, which are beside its nodes. */
  #apply(tree: JsonObject): void {
    if (typeof tree.t === "string") this.title = tree.t;
    if (!Array.isArray(tree.e)) return;
    for (const [name, payload] of tree.e as [string, unknown][]) {
      this.events.push({ name, payload });
      this.window.dispatchEvent(new CustomEvent(`phx:${name}`, { detail: payload }));
    }
  }

  #patched(patch: JsonObject): void {
    this.url = new URL(String(patch.to), this.url);
  }

  #wake(): void {
    const waiting = this.#changed;
    this.#changed = [];
    for (const resolve of waiting) resolve();
  }
}

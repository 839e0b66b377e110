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

/** What a page shows and has heard. Everything here happens at once, in the order of the frames. */
export class PageState {
  /** What hooks' `handleEvent` and `window` listeners would hear: events named `phx:<name>`. */
  readonly window = new EventTarget();
  readonly events: ReceivedEvent[] = [];
  url: URL;
  title: string | undefined;
  tree: ClientTree | undefined;
  crashed = false;
  joinError: JsonObject | undefined;
  /** Successful joins so far, as the client counts them. */
  mounts = 0;
  #changed: (() => void)[] = [];

  constructor(url: URL) {
    this.url = url;
  }

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

  replied(reply: Reply): void {
    if (isJsonObject(reply.response.diff)) this.#merge(reply.response.diff);
    this.#wake();
  }

  pushed({ event, payload }: Frame): void {
    if (event === EVENT.error) this.crashed = true;
    if (event === EVENT.diff && isJsonObject(payload)) this.#merge(payload);
    if (event === EVENT.livePatch && isJsonObject(payload)) this.#patched(payload);
    this.#wake();
  }

  /** Settles with the next frame. */
  nextChange(): Promise<void> {
    return new Promise((resolve) => this.#changed.push(resolve));
  }

  #merge(diff: JsonObject): void {
    this.tree?.merge(diff as unknown as WireTree);
    this.#apply(diff);
  }

  /** Does what stands at the top of a tree beside its nodes: title and events. */
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

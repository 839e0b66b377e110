import type { StashHook } from "../src/index.ts";
import type { Clock } from "../src/entries/adapter.ts";
import {
  TOKEN_PARAM,
  TOKEN_EVENT,
  type TokenEvent,
  type HostEndReason,
  PAGE_PARAM,
  type StashHost,
} from "../src/entries/host.ts";

export const SECRET = "a secret of the tests, not of an application";

/** A clock that stands still until it is advanced. */
export class TestClock implements Clock {
  #nowMs = 1_800_000_000_000;

  now(): number {
    return this.#nowMs;
  }

  advance(ms: number): void {
    this.#nowMs += ms;
  }
}

/** The parameters of a join. */
export interface Join {
  readonly view?: string;
  readonly sessionId?: string;
  readonly session?: Readonly<Record<string, unknown>>;
  readonly connected?: boolean;
  readonly params?: Readonly<Record<string, unknown>>;
}

/** A connected view of a page, as a host shows it to the stash. */
export class FakeHost<Assigns extends object> implements StashHost {
  readonly id = "phx-1";
  readonly view: { readonly name: string };
  readonly connected: boolean;
  readonly connectParams: Readonly<Record<string, unknown>>;
  readonly session: { readonly id: string; readonly [key: string]: unknown };
  readonly holdEvents: TokenEvent[] = [];
  readonly waitedFor: Promise<unknown>[] = [];
  /** Other events that were pushed to the browser. */
  readonly pushed: { readonly name: string; readonly payload: object }[] = [];
  /** The number of requests to the page to join again. */
  rejoins = 0;
  #assigns: Assigns;

  constructor(assigns: Assigns, join: Join) {
    this.#assigns = assigns;
    this.view = { name: join.view ?? "counter" };
    this.connected = join.connected ?? true;
    this.connectParams = join.params ?? {};
    this.session = { id: join.sessionId ?? "session-1", ...join.session };
  }

  get assigns(): Assigns {
    return this.#assigns;
  }

  assign(values: Partial<Assigns>): void {
    this.#assigns = { ...this.#assigns, ...values };
  }

  pushEvent(name: string, payload: object): void {
    if (name === TOKEN_EVENT) this.holdEvents.push(payload as TokenEvent);
    else this.pushed.push({ name, payload });
  }

  waitUntil(promise: Promise<unknown>): void {
    this.waitedFor.push(promise);
  }

  rejoin(): void {
    this.rejoins += 1;
  }
}

/** A browser's page: has one token, and presents it when its view joins again. */
export class FakePage<Assigns extends object> {
  token: unknown;
  #mounts = 0;
  #reloads = 0;
  readonly #hook: StashHook<Assigns>;
  readonly #initial: () => Assigns;

  constructor(hook: StashHook<Assigns>, initial: () => Assigns) {
    this.#hook = hook;
    this.#initial = initial;
  }

  /** Joins as the client does: with its token, and with the number of its mounts before. */
  join(join: Join = {}): FakeHost<Assigns> {
    const presented = this.token === undefined ? {} : { [TOKEN_PARAM]: this.token };
    const counts = {
      _mounts: this.#mounts,
      ...(this.#reloads > 0 ? { [PAGE_PARAM]: this.#reloads } : {}),
    };
    const params = { ...counts, ...presented, ...join.params };
    const host = new FakeHost(this.#initial(), { ...join, params });
    this.#mounts += 1;
    this.#hook.onMount(host);
    return host;
  }

  /** Joins as another page would: without a token. */
  joinAsAnother(): FakeHost<Assigns> {
    this.token = undefined;
    return this.join();
  }

  /** Loads the page anew. A tab may keep its token. */
  reload(): void {
    this.#reloads += 1;
    this.#mounts = 0;
  }

  /** Receives the events that were pushed to the browser. */
  receive(host: FakeHost<Assigns>): void {
    for (const event of host.holdEvents) {
      if ("h" in event) this.token = event.h ?? undefined;
      else if (typeof this.token === "string") {
        this.token = `${this.token.slice(0, this.token.lastIndexOf("~"))}~${event.r}`;
      }
    }
  }

  /** Calls the hook as a host does after a render. */
  async render(host: FakeHost<Assigns>): Promise<void> {
    await this.#hook.afterRender?.(host);
  }

  /** Sends an event, which the view begins to handle. */
  event(host: FakeHost<Assigns>): void {
    this.#hook.onEvent(host, "click", {});
  }

  /** Ends the connection of a view. */
  async end(host: FakeHost<Assigns>, reason: HostEndReason = "disconnected"): Promise<void> {
    this.receive(host);
    await this.#hook.onTerminate(host, reason);
  }
}

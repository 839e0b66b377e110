import { LiveViewError } from "../errors.ts";
import { checkJson } from "../json-value.ts";
import { quoteText } from "../message-text.ts";
import type { Flash } from "../session/page-tokens.ts";
import type { Session } from "../session/session-source.ts";
import {
  externalNavigation,
  type ExternalTarget,
  navigation,
  type Navigation,
  typeNameOf,
} from "./navigation.ts";
import type { CancelTimer, Socket } from "./socket.ts";

/** An event for the browser in its wire form; `true` makes the client dispatch it before the patch. */
export type PushedEvent = readonly [name: string, payload: object, beforePatch?: true];

/** The state of a timer of `sendEvery`. */
export interface Tick {
  /** A message of the timer waits in the mailbox, so the timer posts no other. */
  isWaiting: boolean;
}

export interface ViewSocketOptions {
  readonly id: string;
  readonly viewName: string;
  readonly connected: boolean;
  readonly connectParams: Readonly<Record<string, unknown>>;
  readonly session: Session;
  readonly url: URL;
  readonly flash: Flash;
  /** Posts a message to the mailbox, with the timer that sent it. Returns `false` if it is full. */
  readonly post: (message: unknown, tick: Tick | undefined) => boolean;
  /** Called when something has to be sent, in a handler or outside of one. */
  readonly onChange: () => void;
  /** Ends the view and makes its page join again. */
  readonly onRejoin: () => void;
  /** Runs a function as a message of its own. */
  readonly onIdle: (run: () => Promise<unknown>) => void;
}

/** The longest delay of a timer, in ms. Node.js waits 1 ms instead of a longer or invalid delay. */
const MAX_TIMER_MS = 2_147_483_647;

/**
 * The most bytes that all flash messages of a page may take as JSON. A redirect carries them in a
 * cookie, signed and in base64, and browsers drop cookies above 4,096 bytes with name and attributes.
 */
export const MAX_FLASH_BYTES = 2_900;

/** The runtime's side of `Socket`: holds the state and collects the effects that handlers request. */
export class ViewSocket implements Socket<Record<string, unknown>, unknown> {
  readonly id: string;
  readonly view: { readonly name: string };
  readonly connected: boolean;
  readonly connectParams: Readonly<Record<string, unknown>>;
  readonly session: Session;
  readonly assigns: Record<string, unknown> = {};
  url: URL;
  flash: Flash;
  title: string | undefined;

  /** Whether an `afterRender` hook is being called. */
  isInHook = false;

  readonly #post: ViewSocketOptions["post"];
  readonly #onChange: () => void;
  readonly #onRejoin: () => void;
  readonly #onIdle: ViewSocketOptions["onIdle"];
  #ended = false;
  #changed = true;
  #changedByView = false;
  #titleChanged = false;
  #events: PushedEvent[] | undefined;
  #reply: object | undefined;
  #navigation: Navigation | undefined;
  #pending: Promise<unknown>[] | undefined;
  #timers: Set<NodeJS.Timeout> | undefined;
  #abort: AbortController | undefined;

  constructor(options: ViewSocketOptions) {
    this.id = options.id;
    this.view = { name: options.viewName };
    this.connected = options.connected;
    this.connectParams = options.connectParams;
    this.session = options.session;
    this.url = options.url;
    this.flash = options.flash;
    this.#post = options.post;
    this.#onChange = options.onChange;
    this.#onRejoin = options.onRejoin;
    this.#onIdle = options.onIdle;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#ended) this.#abort.abort();
    return this.#abort.signal;
  }

  assign(values: object): void {
    for (const [key, value] of Object.entries(values)) {
      if (key === "__proto__") {
        throw new LiveViewError(
          "invalid_value",
          "socket.assign: expected names of assigns, found `__proto__`. Choose another name.",
        );
      }
      if (isSame(this.assigns[key], value) && key in this.assigns) continue;
      this.assigns[key] = value;
      this.#markChanged();
    }
  }

  pushEvent(
    name: string,
    payload: object = {},
    options?: { readonly beforePatch?: boolean },
  ): void {
    checkText("pushEvent", "a name", name);
    checkJson(["socket.pushEvent", name], "payload", payload);
    this.#events ??= [];
    this.#events.push(options?.beforePatch === true ? [name, payload, true] : [name, payload]);
    this.#onChange();
  }

  reply(payload: object): void {
    checkJson(["socket.reply"], "payload", payload);
    this.#reply = payload;
  }

  setTitle(title: string): void {
    checkText("setTitle", "a title", title);
    if (title === this.title) return;
    this.title = title;
    this.#titleChanged = true;
    this.#onChange();
  }

  putFlash(kind: string, message: string): void {
    checkText("putFlash", "a kind", kind);
    checkText("putFlash", "a message", message);
    const flash = { ...this.flash, [kind]: message };
    checkFlashSize(flash, kind);
    this.flash = flash;
    this.#markChanged();
  }

  clearFlash(kind?: string): void {
    const kept = Object.entries(this.flash).filter(([each]) => kind !== undefined && each !== kind);
    if (kept.length === Object.keys(this.flash).length) return;
    this.flash = Object.fromEntries(kept);
    this.#markChanged();
  }

  pushPatch(to: string, options?: { readonly replace?: boolean }): void {
    this.#navigate(navigation("patch", to, options));
  }

  pushNavigate(to: string, options?: { readonly replace?: boolean }): void {
    this.#navigate(navigation("navigate", to, options));
  }

  redirect(to: string | ExternalTarget): void {
    const isExternal = typeof to === "object" && to !== null;
    this.#navigate(isExternal ? externalNavigation(to) : navigation("redirect", to));
  }

  whenIdle(run: () => Promise<unknown>): void {
    if (this.connected && !this.#ended) this.#onIdle(run);
  }

  rejoin(): void {
    if (this.connected && !this.#ended) this.#onRejoin();
  }

  send(message: unknown): boolean {
    return !this.#ended && this.#post(message, undefined);
  }

  sendAfter(message: unknown, delayMs: number): CancelTimer {
    const timer = setTimeout(
      () => {
        this.#timers?.delete(timer);
        this.send(message);
      },
      timerMs("sendAfter", delayMs),
    );
    return this.#keepTimer(timer);
  }

  sendEvery(message: unknown, intervalMs: number): CancelTimer {
    const checkedMs = timerMs("sendEvery", intervalMs);
    const tick: Tick = { isWaiting: false };
    const send = (): void => {
      if (this.#ended || tick.isWaiting) return;
      // Set before posting, because the view may handle the message at once, which resets the flag.
      tick.isWaiting = true;
      if (!this.#post(message, tick)) tick.isWaiting = false;
    };
    return this.#keepTimer(setInterval(send, checkedMs));
  }

  waitUntil(promise: Promise<unknown>): void {
    this.#pending ??= [];
    // Caught here because `settle` may be called late, or never if the handler throws. Until then a
    // rejection would be unhandled and end the process.
    this.#pending.push(promise.catch(ignore));
  }

  /** Waits for every promise passed to `waitUntil`, including those added meanwhile. */
  settle(): void | Promise<void> {
    return this.#pending === undefined ? undefined : this.#settlePending();
  }

  async #settlePending(): Promise<void> {
    while (this.#pending !== undefined) {
      const pending = this.#pending;
      this.#pending = undefined;
      for (const each of pending) await each;
    }
  }

  /** Whether something has changed since the last diff. */
  get hasUnsent(): boolean {
    return this.#changed || this.hasPushes;
  }

  /**
   * Whether something other than an `afterRender` hook has made a change since the last diff. Such a
   * hook may make one after every render.
   */
  get hasUnsentOfView(): boolean {
    return this.#changedByView || this.hasPushes;
  }

  /** Whether events, a title or a navigation wait, which a later render does not replace. */
  get hasPushes(): boolean {
    return this.#titleChanged || this.#events !== undefined || this.#navigation !== undefined;
  }

  /** Returns whether the page must be rendered, and resets the answer. */
  takeChanged(): boolean {
    const changed = this.#changed;
    this.#changed = false;
    this.#changedByView = false;
    return changed;
  }

  takeNavigation(): Navigation | undefined {
    const taken = this.#navigation;
    this.#navigation = undefined;
    return taken;
  }

  /** Takes the top-level keys of the next diff: events, title and hook reply; `undefined` if none. */
  takeDiffKeys(): { e?: PushedEvent[]; t?: string; r?: object } | undefined {
    if (this.#events === undefined && !this.#titleChanged && this.#reply === undefined) {
      return undefined;
    }
    const keys: { e?: PushedEvent[]; t?: string; r?: object } = {};
    if (this.#events !== undefined) keys.e = this.#events;
    if (this.#titleChanged && this.title !== undefined) keys.t = this.title;
    if (this.#reply !== undefined) keys.r = this.#reply;
    this.#events = undefined;
    this.#titleChanged = false;
    this.#reply = undefined;
    return keys;
  }

  /** Ends the view: stops its timers, aborts its signal and ignores later calls. */
  end(): void {
    this.#ended = true;
    for (const timer of this.#timers ?? []) clearTimeout(timer);
    this.#timers = undefined;
    this.#abort?.abort();
  }

  #markChanged(): void {
    this.#changed = true;
    if (!this.isInHook) this.#changedByView = true;
    this.#onChange();
  }

  #navigate(target: Navigation): void {
    this.#navigation = target;
    this.#onChange();
  }

  #keepTimer(timer: NodeJS.Timeout): CancelTimer {
    const cancel = (): void => {
      clearTimeout(timer);
      this.#timers?.delete(timer);
    };
    if (this.#ended || !this.connected) {
      // A timer would outlive the first render, which ends with its response.
      clearTimeout(timer);
      return cancel;
    }
    timer.unref();
    this.#timers ??= new Set();
    this.#timers.add(timer);
    return cancel;
  }
}

const isSame = (left: unknown, right: unknown): boolean =>
  // An object may have been changed in place, so only primitives are known to be the same.
  Object.is(left, right) && (typeof left !== "object" || left === null);

function ignore(): void {}

/** Checks text at the call. In a program without types, another value would fail later, or never. */
function checkText(method: string, expected: string, value: unknown): void {
  if (typeof value === "string") return;
  throw new LiveViewError(
    "invalid_value",
    `socket.${method}: expected ${expected} as text, found ${typeNameOf(value)}.`,
  );
}

/** Checks the delay or interval of a timer. */
function timerMs(method: string, ms: number): number {
  if (ms >= 0 && ms <= MAX_TIMER_MS) return ms;
  throw new LiveViewError(
    "invalid_value",
    `socket.${method}: expected a time from 0 to ${MAX_TIMER_MS} ms, found ${String(ms)}.`,
  );
}

/** Checks the size of all flash messages after one of this kind was added. */
function checkFlashSize(flash: Flash, kind: string): void {
  const bytes = Buffer.byteLength(JSON.stringify(flash));
  if (bytes <= MAX_FLASH_BYTES) return;
  throw new LiveViewError(
    "flash_too_large",
    `socket.putFlash(${quoteText(kind)}): expected all flash messages of a page ` +
      `to take at most ${MAX_FLASH_BYTES} bytes as JSON, found ${bytes}: a cookie carries them. ` +
      "Shorten the message, or assign the long text and render it.",
  );
}

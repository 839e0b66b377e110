import { LiveViewError } from "../errors.ts";
import type { Flash } from "../session/page-tokens.ts";
import type { Session } from "../session/session-source.ts";
import { checkJson } from "../json-value.ts";
import {
  externalNavigation,
  type ExternalTarget,
  navigation,
  type Navigation,
} from "./navigation.ts";
import type { CancelTimer, Socket } from "./socket.ts";

/** An event for the browser, as it travels: name, payload, and whether it goes before the patch. */
export type PushedEvent = readonly [name: string, payload: object, beforePatch?: true];

/** The state of a timer of `sendEvery`: of its messages, one waits at most. */
export interface Tick {
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
  /** Puts a message into the mailbox, of a timer or not; `false` if it takes none. */
  readonly post: (message: unknown, tick: Tick | undefined) => boolean;
  /** Called when there is something to send, also outside of a handler. */
  readonly onChange: () => void;
  /** Ends the view and has its page join again. */
  readonly onRejoin: () => void;
  /** Runs something as a message of its own. */
  readonly onIdle: (run: () => Promise<unknown>) => void;
}

const isSame = (left: unknown, right: unknown): boolean =>
  // An object may have been changed in place: only primitives can be known to be the same.
  Object.is(left, right) && (typeof left !== "object" || left === null);

function ignore(): void {}

/** Types do not stop a program without any: what is no text would fail far from here, if at all. */
function checkText(method: string, expected: string, value: unknown): void {
  if (typeof value === "string") return;
  throw new LiveViewError(
    "invalid_value",
    `socket.${method}: expected ${expected} as text, found ${value === null ? "null" : typeof value}.`,
  );
}

/** The runtime's side of `Socket`: keeps the state and collects what handlers ask for. */
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

  /** A hook is being called after a render. */
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
        throw new LiveViewError("invalid_value", "assign: `__proto__` cannot be an assign.");
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
      tick.isWaiting = true;
      // It may be handled at once, which ends its wait.
      if (!this.#post(message, tick)) tick.isWaiting = false;
    };
    return this.#keepTimer(setInterval(send, checkedMs));
  }

  waitUntil(promise: Promise<unknown>): void {
    this.#pending ??= [];
    // The wait may begin late, or never if the handler throws: a rejection before that must not count
    // as one that nobody handles, which ends the process.
    this.#pending.push(promise.catch(ignore));
  }

  /** Waits for all that was handed to `waitUntil`, also while waiting. A rejection is the giver's business. */
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

  /** Whether something was changed that no diff has carried yet. */
  get hasUnsent(): boolean {
    return this.#changed || this.hasPushes;
  }

  /**
   * Whether something was changed that no diff has carried yet, by other than a hook that was called
   * after a render: such a hook may do so each time.
   */
  get hasUnsentOfView(): boolean {
    return this.#changedByView || this.hasPushes;
  }

  /** Whether something waits that no later render stands for: events, a title, a way to go. */
  get hasPushes(): boolean {
    return this.#titleChanged || this.#events !== undefined || this.#navigation !== undefined;
  }

  /** Whether the page must be rendered; asking resets it. */
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

  /** The keys that travel at the top of a diff: events, title, hook reply. `undefined` if there are none. */
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

  /** Ends the view's timers and refuses everything from now on. */
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
      // The first render ends with its response: a timer would outlive it.
      clearTimeout(timer);
      return cancel;
    }
    timer.unref();
    this.#timers ??= new Set();
    this.#timers.add(timer);
    return cancel;
  }
}

/** The longest time of a timer, in ms. Node.js takes a longer one, or none, for 1 ms. */
const MAX_TIMER_MS = 2_147_483_647;

/** Checks the time that `called` was given for a timer. */
function timerMs(called: string, ms: number): number {
  if (ms >= 0 && ms <= MAX_TIMER_MS) return ms;
  throw new LiveViewError(
    "invalid_value",
    `${called}: expected a time from 0 to ${MAX_TIMER_MS} ms, found ${String(ms)}.`,
  );
}

/**
 * Most bytes of all flash messages of a page, as JSON. A redirect carries them in a cookie, signed
 * and in base64, and browsers drop cookies above 4,096 bytes, their name and attributes included.
 */
export const MAX_FLASH_BYTES = 2_900;

/** Checks flash messages that get another one, of this kind. */
function checkFlashSize(flash: Flash, kind: string): void {
  const bytes = Buffer.byteLength(JSON.stringify(flash));
  if (bytes <= MAX_FLASH_BYTES) return;
  throw new LiveViewError(
    "flash_too_large",
    `socket.putFlash(${JSON.stringify(kind.slice(0, 80))}): expected all flash messages of a page ` +
      `to take at most ${MAX_FLASH_BYTES} bytes as JSON, found ${bytes}: they travel in a cookie. ` +
      "Shorten the message, or assign the long text and render it.",
  );
}

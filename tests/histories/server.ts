import type { PageEvent, PageState } from "@live-stash/contract";
import type { StashHook, StashResult } from "live-stash";
import type { StashAdapter } from "live-stash/adapter";
import type { HostEndReason, StashHost } from "live-stash/host";
import type { LoadedCore } from "./load-core.ts";
import { Loop, type World } from "./virtual-time.ts";

/** The time that a user takes to decide about a state that is kept aside, in ms. */
const THINKS_MS = 2_000;

export interface Assigns {
  page: string;
  changes: readonly number[];
}

/** A frame from the server to the page, with the state that the page shows from then on. */
export interface ServerFrame {
  readonly kind: "joined" | "refused" | "reply" | "diff" | "phx_error" | "phx_close";
  readonly joinRef: number;
  readonly ref?: number;
  /** The result of `recoverState`, such as `not_found: absent`. */
  readonly recovery?: string;
  /** The result of the event's action. */
  readonly status?: string;
  readonly state?: PageState;
  /** Results that the application received before the frame was sent. */
  readonly results?: readonly PageEvent[];
  /** Results that count only once the page has received the frame. */
  readonly afterReceipt?: readonly PageEvent[];
  readonly events?: readonly (readonly [name: string, payload: object])[];
}

/** A frame from the page to the server. */
export interface ClientFrame {
  readonly kind: "phx_join" | "phx_leave" | "event";
  readonly joinRef: number;
  readonly ref?: number;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly event?: PageAction;
}

/** An action that a page sends to its view. */
export type PageAction =
  | { readonly name: "change"; readonly change: number }
  | { readonly name: "reset" | "crash" }
  /** Blocks the event loop in the handler, for `ms`. */
  | { readonly name: "block"; readonly ms: number };

/** The result of a pending recovery. */
interface LateOutcome {
  readonly status: string;
  readonly reason?: string;
}

/** Receives the results of views, as the application does. */
export interface ViewObserver {
  /** Returns the number of events in the history of a page. */
  lengthOf(page: string): number;
  /** Called when the application receives a result for the page's history; a save began at `beganAtMs`. */
  reported(page: string, event: PageEvent, beganAtMs?: number): void;
  /** Called when a view of the page owns its stash. */
  owned(view: object, page: string): void;
  /** Called with the result of `recoverState` for a join of the page. */
  recovery(page: string, join: number, outcome: string, state: PageState): void;
  ended(view: object): void;
  /** Called when the stash throws an error that it must not throw. */
  threw(cause: unknown): void;
}

export interface ServerParts {
  readonly core: LoadedCore;
  readonly world: World;
  readonly observer: ViewObserver;
  readonly autoStash: boolean;
  /** Whether the application awaits its calls of the stash. */
  readonly awaits: boolean;
  /** Whether the application accepts a state that is kept aside; otherwise it deletes the state. */
  readonly takesKept: boolean;
  /** A bug of the runtime: a returning page that cannot be mounted is refused, so that it reloads itself. */
  readonly refusesReturns: boolean;
  /** Creates the stash of one process. */
  readonly createStash: (loop: Loop) => {
    readonly adapter: StashAdapter;
    readonly hook: StashHook<Assigns>;
  };
}

/** A process that serves pages, and its replacement after it has ended. */
export class SimServer {
  readonly parts: ServerParts;
  readonly name: string;
  loop: Loop;
  /** Makes the next view crash in its mount: before or after it recovers its state. */
  nextMountCrashes: "before" | "after" | undefined;
  #starts = 0;
  #isStopping = false;
  #stash: ReturnType<ServerParts["createStash"]>;
  readonly #sockets = new Set<ServerSocket>();

  constructor(parts: ServerParts, name: string) {
    this.parts = parts;
    this.name = name;
    this.loop = new Loop(name);
    this.#stash = this.#begin();
  }

  /** Whether the server accepts connections. */
  get isUp(): boolean {
    return !this.loop.isDead && !this.#isStopping;
  }

  get hook(): StashHook<Assigns> {
    return this.#stash.hook;
  }

  start(): void {
    this.#starts += 1;
    this.#isStopping = false;
    const { clockOffsetMs } = this.loop;
    this.loop = new Loop(`${this.name}.${this.#starts}`);
    this.loop.clockOffsetMs = clockOffsetMs;
    this.#stash = this.#begin();
  }

  /** Ends the process without a shutdown. */
  kill(): void {
    this.loop.isDead = true;
    for (const socket of this.#sockets) socket.breakOff();
    this.#sockets.clear();
  }

  /** Shuts the process down, and calls `onEnd` when it has ended. */
  stop(onEnd: () => void): void {
    const { loop } = this;
    this.#isStopping = true;
    this.parts.world.arrive(0, loop, () => {
      const sockets = [...this.#sockets];
      const endings = sockets.map((socket) => socket.end("shutdown"));
      for (const socket of sockets) socket.breakOff();
      this.#sockets.clear();
      void Promise.all(endings).then(() => {
        if (loop.isDead) return;
        loop.isDead = true;
        onEnd();
      });
    });
  }

  /** Blocks the event loop. */
  stall(ms: number): void {
    this.loop.busyUntilMs = Math.max(this.loop.busyUntilMs, this.parts.world.nowMs + ms);
  }

  open(link: { send(frame: ServerFrame): void; breakOff(): void }): ServerSocket {
    const socket = new ServerSocket(this, link, () => this.#sockets.delete(socket));
    this.#sockets.add(socket);
    return socket;
  }

  #begin(): ReturnType<ServerParts["createStash"]> {
    const { world } = this.parts;
    world.current = this.loop;
    const stash = this.parts.createStash(this.loop);
    world.current = undefined;
    return stash;
  }
}

/** The server's end of a connection, with at most one view: that of the last join. */
export class ServerSocket {
  readonly loop: Loop;
  readonly #server: SimServer;
  readonly #link: { send(frame: ServerFrame): void; breakOff(): void };
  readonly #onEnd: () => void;
  #view: ServerView | undefined;

  constructor(
    server: SimServer,
    link: { send(frame: ServerFrame): void; breakOff(): void },
    onEnd: () => void,
  ) {
    this.#server = server;
    this.loop = server.loop;
    this.#link = link;
    this.#onEnd = onEnd;
  }

  receive(frame: ClientFrame): void {
    const current = this.#view?.joinRef === frame.joinRef ? this.#view : undefined;
    switch (frame.kind) {
      case "phx_join":
        this.#replace();
        this.#view = new ServerView(this.#server, frame, {
          send: (each) => this.#link.send(each),
          onEnd: (view) => {
            if (this.#view === view) this.#view = undefined;
          },
        });
        return;
      case "phx_leave":
        if (current === undefined) return;
        this.#view = undefined;
        void current.end("left");
        this.#link.send({ kind: "phx_close", joinRef: frame.joinRef });
        return;
      case "event":
        current?.post({ kind: "event", frame });
    }
  }

  /** Ends the view, because the server has noticed a lost connection or closes it. */
  end(reason: HostEndReason): Promise<void> {
    this.#onEnd();
    const view = this.#view;
    this.#view = undefined;
    return view?.end(reason) ?? Promise.resolve();
  }

  /** Breaks the connection, because the process has ended or closes it. */
  breakOff(): void {
    if (this.loop.isDead) this.#view?.die();
    this.#link.breakOff();
  }

  #replace(): void {
    const previous = this.#view;
    if (previous === undefined) return;
    void previous.end("replaced");
    this.#link.send({ kind: "phx_close", joinRef: previous.joinRef });
  }
}

type Message =
  | { readonly kind: "join" }
  | { readonly kind: "event"; readonly frame: ClientFrame }
  | { readonly kind: "flush" };

interface Outlet {
  send(frame: ServerFrame): void;
  onEnd(view: ServerView): void;
}

/**
 * A view and its channel, as in the LiveView runtime: messages are handled one after another. Pushed events
 * and the reply wait for the render, its hooks, and all promises passed to `waitUntil`.
 */
export class ServerView implements StashHost {
  readonly id: string;
  readonly view = { name: "counter" };
  readonly connected = true;
  readonly session = { id: "session" };
  readonly connectParams: Readonly<Record<string, unknown>>;
  readonly joinRef: number;
  readonly #server: SimServer;
  readonly #world: World;
  readonly #hook: StashHook<Assigns>;
  readonly #outlet: Outlet;
  readonly #page: string;
  readonly #join: number;
  #assigns: Assigns;
  #isChanged = true;
  #events: [string, object][] = [];
  #results: PageEvent[] = [];
  #afterReceipt: PageEvent[] = [];
  /** Whether the view owns a stash whose token its page has not received yet. */
  #hasReset = false;
  #pending: Promise<unknown>[] = [];
  #status: string | undefined;
  #recovery = "";
  /** The changes made in this view. */
  readonly #made = new Set<number>();
  #hasEnded = false;
  readonly #messages: Message[] = [];
  #isHandling = false;

  constructor(server: SimServer, frame: ClientFrame, outlet: Outlet) {
    const params = frame.params ?? {};
    this.#server = server;
    this.#world = server.parts.world;
    this.#hook = server.hook;
    this.#outlet = outlet;
    this.connectParams = params;
    this.joinRef = frame.joinRef;
    this.#page = String(params["page"]);
    this.#join = Number(params["join"]);
    this.id = String(params["element"]);
    this.#assigns = { page: this.#page, changes: [] };
    this.post({ kind: "join" });
  }

  get assigns(): Assigns {
    return this.#assigns;
  }

  assign(values: object): void {
    this.#assigns = { ...this.#assigns, ...values };
    this.#isChanged = true;
    this.#flushSoon();
  }

  pushEvent(name: string, payload: object): void {
    this.#events.push([name, payload]);
    this.#flushSoon();
  }

  waitUntil(promise: Promise<unknown>): void {
    const { observer } = this.#server.parts;
    const [state, since, beganAtMs] = [
      this.#state,
      observer.lengthOf(this.#page),
      this.#world.nowMs,
    ];
    const settled = promise.then(
      (result) => {
        const { status } = (result ?? {}) as Partial<StashResult>;
        if (status === undefined) return;
        this.#status ??= status;
        if (status !== "saved" && status !== "unchanged") return;
        const join = this.#join;
        this.#report({ kind: "acknowledged", join, status, state, since }, beganAtMs);
        if (status === "saved" && !this.#hasEnded) observer.owned(this, this.#page);
      },
      () => undefined,
    );
    this.#pending.push(settled);
  }

  post(message: Message): void {
    if (this.#hasEnded) return;
    this.#messages.push(message);
    if (!this.#isHandling) void this.#handleAll();
  }

  async end(reason: HostEndReason): Promise<void> {
    if (this.#hasEnded) return;
    this.die(reason);
    try {
      await this.#hook.onTerminate(this, reason);
    } catch (cause) {
      this.#server.parts.observer.threw(cause);
    }
  }

  /** Ends the view together with its process. */
  die(reason: HostEndReason | "killed" = "killed"): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#messages.length = 0;
    this.#world.note(() => `${this.#name} ends: ${reason}`);
    this.#server.parts.observer.ended(this);
  }

  /** Called when a recovery has settled that was pending while the view continued. */
  async lateRecovery({ status, reason }: LateOutcome): Promise<void> {
    const { core } = this.#server.parts;
    const outcome = reason === undefined ? status : `${status}: ${reason}`;
    this.#world.note(() => `${this.#name}, late: ${outcome}, ${this.#assigns.changes.join()}`);
    // An application that saves after each render, without "continue", lets a reloaded page's changes win.
    if (status === "replaced") {
      this.#report({ kind: "excused", reason: "replaced by the application" });
    }
    if (status !== "kept_aside") return this.#noteRecovery(outcome);
    const { loop, parts } = this.#server;
    await new Promise<void>((resolve) => {
      this.#world.startTimer(THINKS_MS, loop, resolve);
    });
    if (this.#hasEnded) return undefined;
    if (!parts.takesKept) return await this.#reset();
    const recovery = await core.recoverState(this);
    return this.#noteRecovery(recovery.status);
  }

  /** Called when the stash needs another join. The page keeps its content meanwhile. */
  rejoin(): void {
    this.#fail("rejoin");
  }

  get #name(): string {
    return `${this.#server.loop.name}: join ${this.#join} of ${this.#page}`;
  }

  get #state(): PageState {
    return { page: this.#assigns.page, changes: [...this.#assigns.changes] };
  }

  #flushSoon(): void {
    if (!this.#isHandling) this.post({ kind: "flush" });
  }

  async #handleAll(): Promise<void> {
    this.#isHandling = true;
    for (;;) {
      const message = this.#messages.shift();
      if (message === undefined || this.#hasEnded) break;
      try {
        await this.#handle(message);
      } catch (cause) {
        if (!(cause instanceof PlannedCrash)) this.#server.parts.observer.threw(cause);
        if (message.kind === "join") this.#refuse();
        else this.#fail("crashed");
      }
    }
    this.#isHandling = false;
    // The state was changed after the render, for instance by a hook.
    if (this.#isChanged || this.#events.length > 0) this.#flushSoon();
  }

  async #handle(message: Message): Promise<void> {
    const { joinRef } = this;
    if (message.kind === "join") {
      await this.#mount();
      if (this.#hasEnded) return;
      const shown = await this.#render();
      if (this.#hasEnded) return;
      const recovery = this.#recovery;
      this.#outlet.send({ kind: "joined", joinRef, recovery, ...shown });
      return;
    }
    if (message.kind === "event") {
      const { event, ref } = message.frame;
      this.#status = undefined;
      if (event !== undefined) await this.#handleEvent(event);
      const shown = await this.#render();
      if (this.#hasEnded) return;
      const status = this.#status ?? "none";
      this.#outlet.send({
        kind: "reply",
        joinRef,
        ...(ref === undefined ? {} : { ref }),
        status,
        ...shown,
      });
      return;
    }
    const shown = await this.#render();
    if (!this.#hasEnded) this.#outlet.send({ kind: "diff", joinRef, ...shown });
  }

  async #mount(): Promise<void> {
    const { core } = this.#server.parts;
    const crashes = this.#server.nextMountCrashes;
    this.#server.nextMountCrashes = undefined;
    this.#hook.onMount(this);
    if (crashes === "before") throw new PlannedCrash();
    const recovery = await core.recoverState(this);
    this.#recovery =
      "reason" in recovery ? `${recovery.status}: ${recovery.reason}` : recovery.status;
    this.#noteRecovery(this.#recovery);
    this.#world.note(() => `${this.#name}: ${this.#recovery}, ${this.#assigns.changes.join()}`);
    if (crashes === "after") throw new PlannedCrash();
  }

  async #handleEvent(event: PageAction): Promise<void> {
    const { core, autoStash, awaits } = this.#server.parts;
    switch (event.name) {
      case "change": {
        this.#made.add(event.change);
        this.assign({ changes: [...this.#assigns.changes, event.change] });
        if (autoStash) return;
        const stashed = core.stash(this);
        if (awaits) await stashed;
        return;
      }
      case "reset": {
        return await this.#reset();
      }
      case "crash":
        throw new PlannedCrash();
      case "block":
        this.#server.stall(event.ms);
    }
  }

  async #reset(): Promise<void> {
    const state = this.#state;
    this.assign({ changes: [] });
    // Until the outcome is known, a recovery may find the old state or nothing.
    this.#report({ kind: "excused", reason: "replaced by the application" });
    const { status } = await this.#server.parts.core.resetStash(this);
    this.#status = status;
    this.#hasReset = true;
    if (status === "reset" || status === "nothing") this.#report({ kind: "reset", state });
  }

  #noteRecovery(outcome: string): void {
    const { observer } = this.#server.parts;
    if (outcome === "recovered" && !this.#hasEnded) observer.owned(this, this.#page);
    const { page, changes } = this.#state;
    // The merged state also has changes of this view, which are not saved yet.
    const recovered = changes.filter((change) => !this.#made.has(change));
    observer.recovery(this.#page, this.#join, outcome, { page, changes: recovered });
  }

  #report(event: PageEvent, beganAtMs?: number): void {
    this.#results.push(event);
    // An excuse counts at once: only promises need a page that knows of them.
    if (this.#hasReset && event.kind !== "excused") this.#afterReceipt.push(event);
    else this.#server.parts.observer.reported(this.#page, event, beganAtMs);
  }

  async #render(): Promise<Pick<ServerFrame, "state" | "results" | "afterReceipt" | "events">> {
    const state = this.#state;
    if (this.#isChanged) {
      this.#isChanged = false;
      await this.#hook.afterRender?.(this);
    }
    while (this.#pending.length > 0) await this.#pending.shift();
    const events = this.#events.splice(0);
    const afterReceipt = this.#afterReceipt.splice(0);
    return {
      state,
      results: this.#results.splice(0),
      afterReceipt,
      ...(events.length > 0 ? { events } : {}),
    };
  }

  /** Replies with an error, which only a page that was never connected gets: it reloads itself. */
  #refuse(): void {
    const isReturn = Number(this.connectParams["_mounts"]) > 0;
    if (isReturn && !this.#server.parts.refusesReturns) return this.#fail("crashed");
    if (this.#hasEnded) return;
    this.#outlet.send({ kind: "refused", joinRef: this.joinRef });
    this.#outlet.onEnd(this);
    void this.end("crashed");
  }

  /** Ends a view that cannot continue, as the runtime does: on its topic, so that the client joins again. */
  #fail(reason: "crashed" | "rejoin"): void {
    if (this.#hasEnded) return;
    this.#outlet.send({ kind: "phx_error", joinRef: this.joinRef });
    this.#outlet.onEnd(this);
    void this.end(reason === "crashed" ? "crashed" : "rejoining");
  }
}

/** A crash of the application, as planned. */
class PlannedCrash extends Error {}

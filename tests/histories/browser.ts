import type { PageEvent, PageState } from "@live-stash/contract";
import type { JoinParams } from "@live-stash/browser";
import type { LoadedCore } from "./load-core.ts";
import type { ClientFrame, PageAction, ServerFrame, ServerSocket, SimServer } from "./server.ts";
import { Loop, type World } from "./virtual-time.ts";

/** The delays of the LiveView and Phoenix clients, in ms. */
const RECONNECT_AFTER_MS = [10, 50, 100, 150, 200, 250, 500, 1000, 2000];
const LAST_RECONNECT_AFTER_MS = 5_000;
const REJOIN_AFTER_MS = [1_000, 2_000, 5_000];
const LAST_REJOIN_AFTER_MS = 10_000;
const JOIN_TIMEOUT_MS = 10_000;
const RELOAD_JITTER_MS = [5_000, 10_000] as const;
const HEARTBEAT_MS = 30_000;

const FRAME_MS = 1;

/** The reason for which the client reloads a page. */
const TIMED_OUT = "a join that timed out";
const REFUSED = "a join that was refused";
const RELOADS = [TIMED_OUT, REFUSED];

/** A page and its history, from its load until the user leaves it. */
export interface PageRecord {
  readonly name: string;
  readonly events: PageEvent[];
}

export interface BrowserParts {
  readonly core: LoadedCore;
  readonly world: World;
  readonly recoverAfterReload: boolean;
  /** Returns the server for the next connection; `undefined` if none is up. */
  readonly nextServer: () => SimServer | undefined;
  /** Whether only the page has its state: then only saves that the page was notified of count. */
  readonly isHeldByPage: boolean;
  /** Returns the reason why acknowledged state may be lost, if there is one. */
  readonly excuse: (tab: SimTab) => Extract<PageEvent, { kind: "excused" }>["reason"] | undefined;
}

/** One connection, with the frames in transit. */
class Link {
  isCut = false;
  /** Whether frames are lost without either side noticing. */
  isDead = false;
  socket: ServerSocket | undefined;
  isHeartbeatDue = false;
}

/** A browser tab with one page, which reconnects as the official client does. */
export class SimTab {
  readonly name: string;
  readonly loop: Loop;
  readonly records: PageRecord[] = [];
  /** The time at which its page last had a view, in ms. */
  lastConnectedMs = 0;
  /** The time of its last join, in ms, and whether it has stopped waiting for the reply. */
  joinSentMs = 0;
  hasGivenUp = false;
  /** The recovery of the last join; `undefined` before the reply. */
  recovery: string | undefined;
  /** The state that the page shows. */
  shown: PageState | undefined;
  readonly #parts: BrowserParts;
  readonly #storage = new Map<string, string>();
  #window: EventTarget = new EventTarget();
  #params: JoinParams = () => ({});
  #pages = 0;
  #element = "";
  #page: PageRecord = { name: "", events: [] };
  /** The page at the tab's address. During a navigation it is still the previous one. */
  #addressed = this.#page;
  #isCameToByNavigation = false;
  #link: Link | undefined;
  #connectTries = 0;
  #rejoinTries = 0;
  #channel: "closed" | "joining" | "joined" | "errored" = "closed";
  #joinRef = 0;
  #joins = 0;
  #mounts = 0;
  #attempts = 0;
  #changes = 0;
  /** Counts page loads, each of which cancels the page's timers. */
  #load = 0;
  #isAway = false;
  /** Whether it has asked for a reset and has received no outcome yet. */
  #awaitsReset = false;

  constructor(parts: BrowserParts, name: string) {
    this.#parts = parts;
    this.name = name;
    this.loop = new Loop(name);
    this.#loadPage("navigate");
  }

  /** The page of its last join. */
  get page(): PageRecord {
    return this.#page;
  }

  /** The number of its last join. */
  get lastJoin(): number {
    return this.#joins;
  }

  get isJoined(): boolean {
    return this.#channel === "joined";
  }

  /** Performs a user's action if the page is connected; otherwise there is nothing to click. */
  act(name: "change" | "reset" | "crash" | "block", ms = 0): void {
    this.#parts.world.arrive(0, this.loop, () => {
      if (this.#channel !== "joined") return;
      let event: PageAction;
      if (name === "change") {
        this.#changes += 1;
        event = { name, change: this.#changes };
        this.page.events.push({ kind: "asked", change: this.#changes });
      } else event = name === "block" ? { name, ms } : { name };
      if (name === "reset") this.#awaitsReset = true;
      this.#note(() => `${name} ${name === "change" ? this.#changes : ""}`);
      this.#send({ kind: "event", joinRef: this.#joinRef, ref: 1, event });
    });
  }

  /** Breaks the connection and drops the frames in transit. The server notices later. */
  cut(serverNoticesAfterMs: number): void {
    const link = this.#link;
    if (link === undefined || link.isCut) return;
    this.#note(() => "the connection breaks");
    this.#kill(link, serverNoticesAfterMs);
    this.#parts.world.arrive(FRAME_MS, this.loop, () => this.#lost(link));
  }

  /** Silences the connection. The page and the server notice after these times. */
  goSilent(pageNoticesAfterMs: number, serverNoticesAfterMs: number): void {
    const link = this.#link;
    if (link === undefined || link.isCut) return;
    this.#note(() => "nothing gets through");
    this.#kill(link, serverNoticesAfterMs);
    this.#parts.world.arrive(pageNoticesAfterMs, this.loop, () => this.#lost(link));
  }

  /** Puts the computer to sleep: the connection is lost, and the page reconnects when it wakes up. */
  sleep(ms: number): void {
    this.#isAway = true;
    this.cut(1_000);
    this.#parts.world.arrive(ms, this.loop, () => {
      this.#isAway = false;
      this.#connectTries = 0;
      if (this.#link === undefined) this.#connect();
    });
  }

  /** Joins again without a fault, as the client does when replies cross. */
  joinAgain(): void {
    this.#parts.world.arrive(0, this.loop, () => {
      if (this.#channel === "joined" || this.#channel === "joining") this.#join();
    });
  }

  /** Reloads the page. */
  reload(): void {
    this.#parts.world.arrive(0, this.loop, () => {
      this.#note(() => "reloads");
      this.#loadPage("reload");
    });
  }

  /** Navigates to another page of the same live session, whose view replaces the current one. */
  navigate(): void {
    this.#parts.world.arrive(0, this.loop, () => {
      if (this.#channel !== "joined") return;
      this.#note(() => "goes to another page");
      this.#send({ kind: "phx_leave", joinRef: this.#joinRef });
      // The view's element stays, and keeps its token.
      this.#isCameToByNavigation = true;
      this.#beginPage();
      this.#join();
    });
  }

  #loadPage(type: "navigate" | "reload"): void {
    this.#load += 1;
    const link = this.#link;
    this.#link = undefined;
    if (link !== undefined) {
      link.isCut = true;
      this.#kill(link, FRAME_MS);
    }
    const storage = this.#storage;
    this.#window = Object.assign(new EventTarget(), {
      sessionStorage: {
        getItem: (key: string) => storage.get(key) ?? null,
        setItem: (key: string, value: string) => void storage.set(key, value),
        removeItem: (key: string) => void storage.delete(key),
      },
      performance: { getEntriesByType: () => [{ type }] },
    });
    this.#params = this.#parts.core.initLiveStash({}, { window: this.#window });
    this.#isCameToByNavigation = false;
    this.#element = `phx-${this.name}-${this.#load}`;
    if (type === "reload" && this.#parts.recoverAfterReload) {
      this.#page = this.#addressed;
      this.#mounts = 0;
      this.#attempts = 0;
    } else {
      this.#beginPage();
      this.#addressed = this.#page;
    }
    this.#connectTries = 0;
    if (!this.#isAway) this.#connect();
  }

  /** Begins a page. The previous page's token is dropped, and its state must not appear on this one. */
  #beginPage(): void {
    this.#page.events.push({ kind: "excused", reason: "left" });
    this.#pages += 1;
    this.#page = { name: `${this.name}/${this.#pages}`, events: [] };
    this.records.push(this.#page);
    this.#mounts = 0;
    this.#attempts = 0;
    this.shown = undefined;
  }

  #connect(): void {
    const { world, nextServer } = this.#parts;
    const link = new Link();
    this.#link = link;
    world.arrive(FRAME_MS, undefined, () => {
      const server = nextServer();
      if (link.isCut) return;
      if (server === undefined) {
        world.arrive(FRAME_MS, this.loop, () => this.#lost(link));
        return;
      }
      link.socket = server.open({
        send: (frame) => this.#toPage(link, frame),
        breakOff: () => {
          if (link.isDead) return;
          this.#kill(link, 0);
          world.arrive(FRAME_MS, this.loop, () => this.#lost(link));
        },
      });
      world.arrive(FRAME_MS, this.loop, () => this.#opened(link));
    });
  }

  #opened(link: Link): void {
    if (link.isCut || link.isDead) return;
    this.#connectTries = 0;
    this.#rejoinTries = 0;
    this.#startTimer(HEARTBEAT_MS, () => this.#beat(link));
    this.#join();
  }

  #beat(link: Link): void {
    if (link !== this.#link || link.isCut) return;
    if (link.isDead) this.#lost(link);
    else this.#startTimer(HEARTBEAT_MS, () => this.#beat(link));
  }

  #lost(link: Link): void {
    if (link !== this.#link || link.isCut) return;
    link.isCut = true;
    link.isDead = true;
    this.#link = undefined;
    this.#channel = "errored";
    if (this.#isAway) return;
    const delayMs = RECONNECT_AFTER_MS[this.#connectTries] ?? LAST_RECONNECT_AFTER_MS;
    this.#connectTries += 1;
    this.#startTimer(delayMs, () => {
      if (this.#link === undefined && !this.#isAway) this.#connect();
    });
  }

  #join(): void {
    this.#joinRef += 1;
    this.#joins += 1;
    const joinRef = this.#joinRef;
    this.#channel = "joining";
    this.joinSentMs = this.#parts.world.nowMs;
    this.hasGivenUp = false;
    this.recovery = undefined;
    const params = {
      ...this.#params({ id: this.#element } as HTMLElement),
      _mounts: this.#mounts,
      _mount_attempts: this.#attempts,
      ...(this.#isCameToByNavigation ? { _live_referer: "/" } : {}),
      page: this.page.name,
      element: this.#element,
      join: this.#joins,
    };
    this.#attempts += 1;
    this.#note(() => `join ${this.#joins} as ${this.page.name}`);
    this.#send({ kind: "phx_join", joinRef, params });
    this.#startTimer(JOIN_TIMEOUT_MS, () => {
      if (joinRef !== this.#joinRef || this.#channel !== "joining") return;
      this.#note(() => "gives the join up");
      this.hasGivenUp = true;
      this.#send({ kind: "phx_leave", joinRef });
      this.#channel = "errored";
      // The client reloads the page, so no user can act before it has connected.
      if (this.#link?.isDead === false) this.page.events.push(this.#missing(TIMED_OUT));
      this.#reloadSoon();
    });
  }

  #reloadSoon(): void {
    const link = this.#link;
    this.#link = undefined;
    if (link !== undefined) {
      link.isCut = true;
      this.#kill(link, FRAME_MS);
    }
    const [least, most] = RELOAD_JITTER_MS;
    this.#startTimer(least + this.#parts.world.random.below(most - least), () =>
      this.#loadPage("reload"),
    );
  }

  #missing(status: string): PageEvent {
    const reason = this.#parts.excuse(this);
    if (reason !== undefined) return { kind: "excused", reason };
    if (this.#parts.recoverAfterReload && RELOADS.includes(status)) {
      return { kind: "unanswered", join: this.#joins, status };
    }
    return { kind: "missing", join: this.#joins, status };
  }

  #receive(frame: ServerFrame): void {
    if (frame.joinRef !== this.#joinRef) return;
    switch (frame.kind) {
      case "joined":
        if (this.#channel !== "joining") return;
        this.#channel = "joined";
        this.#awaitsReset = false;
        this.#addressed = this.#page;
        this.#mounts += 1;
        this.#attempts = 0;
        this.#rejoinTries = 0;
        this.#joined(frame);
        this.#show(frame);
        return;
      case "reply":
      case "diff":
        if (this.#channel === "joined") this.#show(frame);
        return;
      case "refused":
        this.#channel = "errored";
        this.page.events.push(this.#missing(REFUSED));
        return this.#reloadSoon();
      case "phx_error": {
        this.#noteEnd();
        this.#channel = "errored";
        const delayMs = REJOIN_AFTER_MS[this.#rejoinTries] ?? LAST_REJOIN_AFTER_MS;
        this.#rejoinTries += 1;
        const { joinRef } = frame;
        this.#startTimer(delayMs, () => {
          const isStillErrored = this.#joinRef === joinRef && this.#channel === "errored";
          if (isStillErrored && this.#link !== undefined) this.#join();
        });
        return;
      }
      case "phx_close":
        this.#channel = "closed";
    }
  }

  #show({ events = [], state, results = [], afterReceipt = [] }: ServerFrame): void {
    for (const [name, detail] of events) {
      this.#window.dispatchEvent(new CustomEvent(`phx:${name}`, { detail }));
    }
    const news = this.#parts.isHeldByPage ? results : afterReceipt;
    this.page.events.push(...news);
    if (news.some(({ kind }) => kind === "reset")) this.#awaitsReset = false;
    // The frame is from before the reset, which may have happened by now.
    else if (this.#awaitsReset) {
      this.page.events.push({ kind: "excused", reason: "replaced by the application" });
    }
    if (state !== undefined) this.shown = state;
  }

  #joined({ recovery = "", state }: ServerFrame): void {
    this.recovery = recovery;
    this.#note(() => `${recovery}, shows ${state?.changes.join()}`);
    if (this.#parts.isHeldByPage && state !== undefined) this.noteRecovery(recovery, state);
  }

  /** Records the outcome of the page's last join in its history. */
  noteRecovery(recovery: string, state: PageState): void {
    const { events } = this.page;
    const join = this.#joins;
    if (recovery === "recovered") {
      events.push({ kind: "recovered", join, state });
    } else if (recovery === "error: set_aside") {
      // The application has crashed, and the stash continues without the state.
      events.push({ kind: "excused", reason: "set aside" });
    } else if (/^pending|adapter_failed|superseded/.test(recovery)) {
      events.push({ kind: "unanswered", join, status: recovery });
    } else events.push(this.#missing(recovery));
  }

  #send(frame: ClientFrame): void {
    const link = this.#link;
    const socket = link?.socket;
    if (link === undefined || socket === undefined) return;
    this.#parts.world.arrive(FRAME_MS, socket.loop, () => {
      if (!link.isDead) socket.receive(frame);
    });
  }

  #toPage(link: Link, frame: ServerFrame): void {
    if (link.isDead) return;
    this.#parts.world.arrive(FRAME_MS, this.loop, () => {
      if (link.isDead || link.isCut) return;
      this.#receive(frame);
    });
  }

  /** Loses all frames from now on. The server notices after a while. */
  #kill(link: Link, serverNoticesAfterMs: number): void {
    if (link.isDead) return;
    link.isDead = true;
    const { world } = this.#parts;
    this.#noteEnd();
    const { socket } = link;
    if (socket === undefined) return;
    world.arrive(serverNoticesAfterMs, socket.loop, () => void socket.end("disconnected"));
  }

  #noteEnd(): void {
    if (this.#channel === "joined") this.lastConnectedMs = this.#parts.world.nowMs;
  }

  /** Starts a timer of the current page load. */
  #startTimer(delayMs: number, run: () => void): void {
    const load = this.#load;
    this.#parts.world.startTimer(delayMs, this.loop, () => {
      if (load === this.#load) run();
    });
  }

  #note(text: () => string): void {
    this.#parts.world.note(() => `${this.name}: ${text()}`);
  }
}

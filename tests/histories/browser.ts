import type { PageEvent, PageState } from "@live-stash/contract";
import type { JoinParams } from "@live-stash/browser";
import type { LoadedCore } from "./load-core.ts";
import type { ClientFrame, PageAction, ServerFrame, ServerSocket, SimServer } from "./server.ts";
import { Loop, type World } from "./virtual-time.ts";

/** As the client of LiveView and of Phoenix have them, in ms. */
const RECONNECT_AFTER_MS = [10, 50, 100, 150, 200, 250, 500, 1000, 2000];
const LAST_RECONNECT_AFTER_MS = 5_000;
const REJOIN_AFTER_MS = [1_000, 2_000, 5_000];
const LAST_REJOIN_AFTER_MS = 10_000;
const JOIN_TIMEOUT_MS = 10_000;
const RELOAD_JITTER_MS = [5_000, 10_000] as const;
const HEARTBEAT_MS = 30_000;

const FRAME_MS = 1;

/** Why the client loads a page anew. */
const TIMED_OUT = "a join that timed out";
const REFUSED = "a join that was refused";
const RELOADS = [TIMED_OUT, REFUSED];

/** A page as its history names it, from its load to the moment at which it is left. */
export interface PageRecord {
  readonly name: string;
  readonly events: PageEvent[];
}

export interface BrowserParts {
  readonly core: LoadedCore;
  readonly world: World;
  readonly recoverAfterReload: boolean;
  /** Where a balancer sends the next connection; `undefined` if nobody is there. */
  readonly nextServer: () => SimServer | undefined;
  /** Only the page itself has its state: what it was told is saved counts, and nothing else. */
  readonly isHeldByPage: boolean;
  /** Why what was acknowledged may be gone, if it may. */
  readonly excuse: (tab: SimTab) => Extract<PageEvent, { kind: "excused" }>["reason"] | undefined;
}

/** One connection, with what is on its way. */
class Link {
  isCut = false;
  /** Nothing gets through, and nobody notices. */
  isDead = false;
  socket: ServerSocket | undefined;
  isHeartbeatDue = false;
}

/** A tab of a browser with one page, which its client brings back as the official client does. */
export class SimTab {
  readonly name: string;
  readonly loop: Loop;
  readonly records: PageRecord[] = [];
  /** When its page last had a view, in ms. */
  lastConnectedMs = 0;
  /** When it sent its last join, in ms, and whether it waits for the answer no more. */
  joinSentMs = 0;
  hasGivenUp = false;
  /** How the last join was answered; `undefined` while there is no answer. */
  recovery: string | undefined;
  /** What the page shows. */
  shown: PageState | undefined;
  readonly #parts: BrowserParts;
  readonly #storage = new Map<string, string>();
  #window: EventTarget = new EventTarget();
  #params: JoinParams = () => ({});
  #pages = 0;
  #element = "";
  #page: PageRecord = { name: "", events: [] };
  /** The page at the tab's address: on the way to another one it is still that before. */
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
  /** Counts what cancels timers of the page: a load of it. */
  #load = 0;
  #isAway = false;
  /** It has asked for a reset, and does not know of any outcome. */
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

  /** Does it if the page is connected; else there is nothing to click on. */
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

  /** The connection breaks with all that is on its way; the server notices later. */
  cut(serverNoticesAfterMs: number): void {
    const link = this.#link;
    if (link === undefined || link.isCut) return;
    this.#note(() => "the connection breaks");
    this.#kill(link, serverNoticesAfterMs);
    this.#parts.world.arrive(FRAME_MS, this.loop, () => this.#lost(link));
  }

  /** Nothing gets through any more; the page notices after its time, and so does the server. */
  goSilent(pageNoticesAfterMs: number, serverNoticesAfterMs: number): void {
    const link = this.#link;
    if (link === undefined || link.isCut) return;
    this.#note(() => "nothing gets through");
    this.#kill(link, serverNoticesAfterMs);
    this.#parts.world.arrive(pageNoticesAfterMs, this.loop, () => this.#lost(link));
  }

  /** The computer sleeps: the connection is gone, and the page comes back when it wakes up. */
  sleep(ms: number): void {
    this.#isAway = true;
    this.cut(1_000);
    this.#parts.world.arrive(ms, this.loop, () => {
      this.#isAway = false;
      this.#connectTries = 0;
      if (this.#link === undefined) this.#connect();
    });
  }

  /** The client joins again although nothing was wrong, as it does when answers cross. */
  joinAgain(): void {
    this.#parts.world.arrive(0, this.loop, () => {
      if (this.#channel === "joined" || this.#channel === "joining") this.#join();
    });
  }

  /** The user loads the page again. */
  reload(): void {
    this.#parts.world.arrive(0, this.loop, () => {
      this.#note(() => "reloads");
      this.#loadPage("reload");
    });
  }

  /** Another page of the same live session takes the view's place. */
  navigate(): void {
    this.#parts.world.arrive(0, this.loop, () => {
      if (this.#channel !== "joined") return;
      this.#note(() => "goes to another page");
      this.#send({ kind: "phx_leave", joinRef: this.#joinRef });
      // The view's element stays, with what is held for it.
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

  /** What the page before held is nobody's any more, and its state must not be seen on this one. */
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
      // The client loads the page again: nobody can ask for anything before it has connected.
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

  #show({ events = [], state, told = [], heard = [] }: ServerFrame): void {
    for (const [name, detail] of events) {
      this.#window.dispatchEvent(new CustomEvent(`phx:${name}`, { detail }));
    }
    const news = this.#parts.isHeldByPage ? told : heard;
    this.page.events.push(...news);
    if (news.some(({ kind }) => kind === "reset")) this.#awaitsReset = false;
    // What it hears of was before the reset, which may have happened by now.
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

  /** Notes in the history how its last join came out. */
  noteRecovery(recovery: string, state: PageState): void {
    const { events } = this.page;
    const join = this.#joins;
    if (recovery === "recovered") {
      events.push({ kind: "recovered", join, state });
    } else if (recovery === "error: set_aside") {
      // It is the application that has crashed, and the stash is told to go on without the state.
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

  /** Nothing gets through from now on; the server notices after a while. */
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

  /** A timer of the page that is loaded now. */
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

import { setTimeout as delay } from "node:timers/promises";
import { counterPath, isLong } from "./adapters.ts";
import {
  checkPageHistory,
  countedState,
  type HistoryViolation,
  type PageEvent,
} from "@live-stash/contract";
import { ConnectionLost, RawUser, type RawView, ViewFailed } from "./raw-user.ts";

/** As the client waits before each further try, in ms. */
const RECONNECT_AFTER_MS = [10, 50, 100, 150, 200, 250, 500, 1000, 2000];

const BEGIN_AT_ONCE = 25;

/** How long a user looks at what it counted before it counts on. In the long run there are many. */
const THINK_MS = isLong ? 500 : 100;

/** For one return: when the connection was lost, and how long until the view was back. */
export interface Gap {
  readonly atMs: number;
  readonly durationMs: number;
}

/** Names pages in their histories. */
let pages = 0;

/** A user who counts all the time, comes back by itself as the client does, and keeps the books. */
export class BusyUser {
  /** How each return was answered, such as `recovered`. */
  readonly returns: string[] = [];
  readonly gaps: Gap[] = [];
  readonly page: string;
  /** What its page was told. */
  readonly events: PageEvent[] = [];
  readonly #kills: { readonly address: string; readonly atMs: number }[] = [];
  readonly #user: RawUser;
  readonly #base: string;
  readonly #working: Promise<void>;
  #view: RawView;
  /** How often the page said that it was not saved. */
  failures = 0;
  #counted = 0;
  #isStopping = false;
  #changed: () => void = () => undefined;
  #change: Promise<void> = Promise.resolve();

  private constructor(user: RawUser, base: string, view: RawView) {
    this.#user = user;
    this.#base = base;
    this.#view = view;
    pages += 1;
    this.page = `page ${pages}`;
    this.#announce();
    this.#working = this.#work();
    // It is awaited at the end, or by whoever waits for a change, and not before.
    this.#working.catch(() => this.#announce());
  }

  /** So many users, for each of these names of adapters. Some begin at once, as visitors do. */
  static async startMany(
    base: string,
    names: readonly string[],
    count: number,
  ): Promise<ReadonlyMap<string, readonly BusyUser[]>> {
    const users = new Map<string, BusyUser[]>();
    for (const name of names) {
      const ours: BusyUser[] = [];
      users.set(name, ours);
      while (ours.length < count) {
        const next = Math.min(BEGIN_AT_ONCE, count - ours.length);
        const starting = Array.from({ length: next }, () =>
          BusyUser.start(base, counterPath(name)),
        );
        ours.push(...(await Promise.all(starting)));
      }
    }
    return users;
  }

  static async start(base: string, path: string): Promise<BusyUser> {
    const user = await RawUser.load(base, path);
    return new BusyUser(user, base, await user.connect(base));
  }

  /** How often what was said to be saved was not there, or something that was never counted was. */
  get losses(): number {
    return this.violations.filter(({ rule }) => rule !== "not recovered").length;
  }

  /** The rules that its history breaks, which should have been `finish`ed. */
  get violations(): HistoryViolation[] {
    // Two views of the page may live for a moment where the browser holds the state itself.
    return checkPageHistory(this.events, { page: this.page, hasOwners: false });
  }

  /** The address of the node that it is on. */
  get node(): string {
    return this.#view.node;
  }

  /** Resolves when that many more were acknowledged. */
  untilCounted(more: number): Promise<void> {
    const wanted = this.#counted + more;
    return this.#until(() => this.#counted >= wanted);
  }

  /** Resolves when it has come back for the first time. */
  untilBack(): Promise<void> {
    return this.#until(() => this.returns.length > 0);
  }

  /** Loses the connection, and resolves when it is back. */
  async reconnect(): Promise<void> {
    const wanted = this.returns.length + 1;
    await this.#view.lose();
    await this.#until(() => this.returns.length >= wanted);
  }

  /** Loses the connection; it comes back by itself. */
  lose(): Promise<void> {
    return this.#view.lose();
  }

  /** The node at this address was killed, with all that it had in memory. */
  noteKill(address: string): void {
    this.#kills.push({ address, atMs: performance.now() });
  }

  /** Stops counting, loses the connection, comes back a last time, and goes. */
  async finish(): Promise<void> {
    this.#isStopping = true;
    await this.#working;
    await this.#view.lose();
    await this.#comeBack(new ConnectionLost("for the last time"));
    await this.#view.lose();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#working;
    await this.#view.lose();
  }

  async #work(): Promise<void> {
    while (!this.#isStopping) {
      try {
        await this.#count();
        this.#announce();
        await Promise.race([delay(THINK_MS), this.#view.closed]);
      } catch (cause) {
        if (!(cause instanceof ConnectionLost || cause instanceof ViewFailed)) throw cause;
        if (!this.#isStopping) await this.#comeBack(cause);
      }
    }
  }

  async #count(): Promise<void> {
    const view = this.#view;
    const since = this.events.length;
    this.events.push({ kind: "asked", change: view.count + 1 });
    await view.add();
    this.#counted += 1;
    const { count, stashed: status } = view;
    if (status !== "saved" && status !== "unchanged") {
      this.failures += 1;
      return;
    }
    this.#isOn(view);
    const state = countedState(this.page, count);
    this.events.push({ kind: "acknowledged", join: this.#user.joins, status, state, since });
  }

  async #comeBack(cause: ConnectionLost | ViewFailed): Promise<void> {
    const lostAtMs = Date.now();
    const onPending = (): void => {
      this.events.push({ kind: "unanswered", join: this.#user.joins, status: "pending" });
    };
    const isConnected = cause instanceof ViewFailed;
    for (let tries = 0; ; tries += 1) {
      try {
        if (isConnected && tries === 0) {
          this.#view = await this.#user.rejoin(this.#view, this.#base, onPending);
        } else {
          await delay(RECONNECT_AFTER_MS[tries] ?? 5000);
          this.#view = await this.#user.connect(this.#base, onPending);
        }
        break;
      } catch (again) {
        if (!(again instanceof ConnectionLost)) throw again;
      }
    }
    this.gaps.push({ atMs: lostAtMs, durationMs: Date.now() - lostAtMs });
    this.returns.push(this.#view.status);
    this.#noteReturn();
    this.#announce();
  }

  /** What the page has is on this node, and on no other. */
  #isOn({ node, connection }: RawView): void {
    this.#user.asked.clear();
    this.#user.asked.set(node, connection.openedAtMs);
  }

  /** Whether a node was killed that had the page's state, or one whose answer to a join was lost. */
  get #mayBeLost(): boolean {
    const { asked } = this.#user;
    return this.#kills.some(({ address, atMs }) => (asked.get(address) ?? Infinity) < atMs);
  }

  #noteReturn(): void {
    const { status, count } = this.#view;
    const { joins: join } = this.#user;
    // Another node may still have what it gave to the one that was killed.
    if (this.#mayBeLost) this.events.push({ kind: "excused", reason: "lost by the store" });
    if (status === "recovered") {
      this.#isOn(this.#view);
      this.events.push({ kind: "recovered", join, state: countedState(this.page, count) });
    } else if (/^pending|adapter_failed|superseded/.test(status)) {
      this.events.push({ kind: "unanswered", join, status });
    } else this.events.push({ kind: "missing", join, status });
  }

  #announce(): void {
    const tell = this.#changed;
    this.#change = new Promise((resolve) => (this.#changed = resolve));
    tell();
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      const failure = this.#working.then(() => {
        if (!isSo()) throw new Error("the user has stopped");
      });
      await Promise.race([this.#change, failure]);
    }
  }
}

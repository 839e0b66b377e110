import { setTimeout as delay } from "node:timers/promises";
import { counterPath, isLong } from "./adapters.ts";
import {
  checkPageHistory,
  countedState,
  type HistoryViolation,
  type PageEvent,
} from "@live-stash/contract";
import { ConnectionLost, RawUser, type RawView, ViewFailed } from "./raw-user.ts";

/** The client's delays before each further attempt, in ms. */
const RECONNECT_AFTER_MS = [10, 50, 100, 150, 200, 250, 500, 1000, 2000];

const BEGIN_AT_ONCE = 25;

/** A user's pause between two counts, in ms: longer in the long form, which has many users. */
const THINK_MS = isLong ? 500 : 100;

/** One return: the time of the lost connection, and the duration until the view was back. */
export interface Gap {
  readonly atMs: number;
  readonly durationMs: number;
}

/** Counts pages, to name them in their histories. */
let pages = 0;

/** A user who counts continuously, reconnects as the client does, and records the page's history. */
export class BusyUser {
  /** The status of each return, such as `recovered`. */
  readonly returns: string[] = [];
  readonly gaps: Gap[] = [];
  readonly page: string;
  /** The history of its page. */
  readonly events: PageEvent[] = [];
  readonly #kills: { readonly address: string; readonly atMs: number }[] = [];
  readonly #user: RawUser;
  readonly #base: string;
  readonly #working: Promise<void>;
  #view: RawView;
  /** The number of times that the page showed a failed save. */
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
    // The promise is awaited only at the end, or by a caller that waits for a change.
    this.#working.catch(() => this.#announce());
  }

  /** Starts `count` users for each of these adapters. Several start at a time, as visitors do. */
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

  /** The number of times that an acknowledged count was missing, or a count appeared that never was. */
  get losses(): number {
    return this.violations.filter(({ rule }) => rule !== "not recovered").length;
  }

  /** The rules that its history breaks. Call `finish` before. */
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

  /** Notes that this node has the page's state, and no other one. */
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
    // Another node may still have the stash that it transferred to the killed one.
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

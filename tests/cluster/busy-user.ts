import { setTimeout as delay } from "node:timers/promises";
import { counterPath, isLong } from "./adapters.ts";
import { ConnectionLost, RawUser, type RawView } from "./raw-user.ts";

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

/** A user who counts all the time, comes back by itself as the client does, and keeps the books. */
export class BusyUser {
  /** How each return was answered, such as `recovered`. */
  readonly returns: string[] = [];
  readonly gaps: Gap[] = [];
  /** How often what was said to be saved was not there, or something that was never counted was. */
  losses = 0;
  readonly #user: RawUser;
  readonly #base: string;
  readonly #working: Promise<void>;
  #view: RawView;
  /** How often the page said that it was not saved. */
  failures = 0;
  /** What is saved for certain, and the most that may be. */
  #saved = 0;
  #most = 0;
  #counted = 0;
  #isStopping = false;
  #changed: () => void = () => undefined;
  #change: Promise<void> = Promise.resolve();

  private constructor(user: RawUser, base: string, view: RawView) {
    this.#user = user;
    this.#base = base;
    this.#view = view;
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

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#working;
    await this.#view.lose();
  }

  async #work(): Promise<void> {
    while (!this.#isStopping) {
      try {
        this.#most = this.#view.count + 1;
        await this.#view.add();
        if (this.#view.stashed === "saved") this.#saved = this.#view.count;
        else this.failures += 1;
        this.#counted += 1;
        this.#announce();
        await Promise.race([delay(THINK_MS), this.#view.closed]);
      } catch (cause) {
        if (!(cause instanceof ConnectionLost)) throw cause;
        if (!this.#isStopping) await this.#comeBack();
      }
    }
  }

  async #comeBack(): Promise<void> {
    const lostAtMs = Date.now();
    for (let tries = 0; ; tries += 1) {
      await delay(RECONNECT_AFTER_MS[tries] ?? 5000);
      try {
        this.#view = await this.#user.connect(this.#base);
        break;
      } catch (cause) {
        if (!(cause instanceof ConnectionLost)) throw cause;
      }
    }
    this.gaps.push({ atMs: lostAtMs, durationMs: Date.now() - lostAtMs });
    this.returns.push(this.#view.status);
    const { count } = this.#view;
    if (count < this.#saved || count > this.#most) this.losses += 1;
    this.#saved = count;
    this.#announce();
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

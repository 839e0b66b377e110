import { setImmediate as realTurn } from "node:timers/promises";
import type { Random } from "@live-stash/test-servers/random";

/** The start of the simulation's wall clocks, in ms since the epoch. */
const EPOCH_MS = 1_800_000_000_000;

/** The phases of an event loop, in the order in which Node.js runs callbacks that are due together. */
const TIMERS = 0;
const POLL = 1;
const CHECK = 2;

/** An event loop of a server's process or of a browser's page. */
export class Loop {
  readonly name: string;
  /** The error of its wall clock, in ms. */
  clockOffsetMs = 0;
  /** The time until which the loop is blocked, in ms. */
  busyUntilMs = 0;
  isDead = false;

  constructor(name: string) {
    this.name = name;
  }
}

interface Due {
  timeMs: number;
  readonly phase: number;
  readonly dueMs: number;
  readonly order: number;
  /** The loop that runs the callback; `undefined` for none, such as the network. */
  readonly loop: Loop | undefined;
  readonly run: () => void;
  isCancelled: boolean;
}

/** Virtual time for any number of event loops. The same seed gives the same order of events. */
export class World {
  readonly random: Random;
  nowMs = 0;
  /** The loop whose code is running. */
  current: Loop | undefined;
  /** The recorded events; `undefined` if they are not recorded. */
  readonly trace: string[] | undefined;
  readonly #queue: Due[] = [];
  #order = 0;

  constructor(random: Random, trace?: string[]) {
    this.random = random;
    this.trace = trace;
  }

  note(text: () => string): void {
    this.trace?.push(`${String(Math.round(this.nowMs)).padStart(7)} ms  ${text()}`);
  }

  /** Schedules an input of a loop, such as an answer from the network, or an event without a loop. */
  arrive(delayMs: number, loop: Loop | undefined, run: () => void): void {
    this.#add(delayMs, POLL, loop, run);
  }

  startTimer(delayMs: number, loop: Loop, run: () => void): Due {
    return this.#add(Math.max(1, delayMs), TIMERS, loop, run);
  }

  startImmediate(loop: Loop, run: () => void): Due {
    return this.#add(0, CHECK, loop, run);
  }

  /** Runs all callbacks that are due until `untilMs`. */
  async run(untilMs: number): Promise<void> {
    for (;;) {
      const due = this.#queue[0];
      if (due === undefined || due.timeMs > untilMs) break;
      this.#pop();
      const { loop } = due;
      if (due.isCancelled || loop?.isDead === true) continue;
      if (loop !== undefined && loop.busyUntilMs > due.timeMs) {
        due.timeMs = loop.busyUntilMs;
        this.#push(due);
        continue;
      }
      this.nowMs = due.timeMs;
      this.current = loop;
      due.run();
      // Promises settle before the next callback, as in Node.js.
      await realTurn();
      this.current = undefined;
    }
    this.nowMs = untilMs;
  }

  #add(delayMs: number, phase: number, loop: Loop | undefined, run: () => void): Due {
    const timeMs = this.nowMs + Math.max(0, delayMs);
    this.#order += 1;
    const due = { timeMs, phase, dueMs: timeMs, order: this.#order, loop, run, isCancelled: false };
    this.#push(due);
    return due;
  }

  #push(due: Due): void {
    const queue = this.#queue;
    let at = queue.push(due) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = queue[parent];
      if (above === undefined || !isBefore(due, above)) break;
      queue[at] = above;
      at = parent;
    }
    queue[at] = due;
  }

  #pop(): void {
    const queue = this.#queue;
    const last = queue.pop();
    if (last === undefined || queue.length === 0) return;
    let at = 0;
    for (;;) {
      let next = 2 * at + 1;
      let below = queue[next];
      const right = queue[next + 1];
      if (below !== undefined && right !== undefined && isBefore(right, below)) {
        below = right;
        next += 1;
      }
      if (below === undefined || !isBefore(below, last)) break;
      queue[at] = below;
      at = next;
    }
    queue[at] = last;
  }
}

function isBefore(one: Due, other: Due): boolean {
  return (
    (one.timeMs - other.timeMs ||
      one.phase - other.phase ||
      one.dueMs - other.dueMs ||
      one.order - other.order) < 0
  );
}

/**
 * Virtual replacements of the globals and modules of time. Code that is loaded with them runs in the
 * current world.
 */
export class TimeGlobals {
  #world: World | undefined;

  enter(world: World): void {
    this.#world = world;
  }

  get #here(): { readonly world: World; readonly loop: Loop } {
    const world = this.#world;
    if (world?.current === undefined) {
      throw new Error("Virtual time: expected a running event loop, got none.");
    }
    return { world, loop: world.current };
  }

  /** The replacements, by the names of the globals. */
  readonly globals = {
    setTimeout: (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
      const { world, loop } = this.#here;
      return new TimerHandle([world.startTimer(ms, loop, () => run(...args))]);
    },
    setInterval: (run: () => void, ms = 0) => {
      const { world, loop } = this.#here;
      const handle = new TimerHandle([]);
      const again = (): void => {
        handle.dues[0] = world.startTimer(ms, loop, () => {
          again();
          run();
        });
      };
      again();
      return handle;
    },
    setImmediate: (run: () => void) => {
      const { world, loop } = this.#here;
      return new TimerHandle([world.startImmediate(loop, run)]);
    },
    clearTimeout: cancel,
    clearInterval: cancel,
    clearImmediate: cancel,
    performance: { now: () => this.#here.world.nowMs },
    Date: this.#dateClass(),
    Math: this.#math(),
  } as const;

  readonly timersPromises = {
    setImmediate: () => new Promise<void>((resolve) => this.globals.setImmediate(resolve)),
    setTimeout: (ms: number) =>
      new Promise<void>((resolve) => this.globals.setTimeout(() => resolve(), ms)),
  };

  #dateClass(): typeof Date {
    const now = (): number => {
      const { world, loop } = this.#here;
      return Math.round(EPOCH_MS + world.nowMs + loop.clockOffsetMs);
    };
    return Object.assign(class extends Date {}, { now }) as unknown as typeof Date;
  }

  #math(): typeof Math {
    const random = (): number => (this.#world?.random.below(2 ** 30) ?? 0) / 2 ** 30;
    return Object.create(Math, { random: { value: random } }) as typeof Math;
  }
}

class TimerHandle {
  readonly dues: Due[];

  constructor(dues: Due[]) {
    this.dues = dues;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

function cancel(handle: TimerHandle | undefined): void {
  for (const due of handle?.dues ?? []) due.isCancelled = true;
}

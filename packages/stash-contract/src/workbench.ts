import type { StashAdapter } from "live-stash/adapter";
import { AdapterNode } from "./adapter-node.ts";
import type { AdapterUnderTest } from "./adapter-under-test.ts";
import type { BrowserHeld } from "./browser-held.ts";
import { wait } from "./wait.ts";

/** How far the clock of a store may be from this process's. */
const TOLERANCE_MS = 50;

/** What one test works with: the adapters that it opens, one browser, and the time. */
export class Workbench {
  readonly subject: AdapterUnderTest;
  readonly #held: BrowserHeld = new Map();
  readonly #opened: StashAdapter[] = [];
  readonly #nearAwayMs: number;
  /** Whether the test had to be done with something before a time of the system's clock. */
  isTimed = false;

  /** `nearAwayMs`: how far away deadlines are that are waited for, where the time is the system's. */
  constructor(subject: AdapterUnderTest, nearAwayMs: number) {
    this.subject = subject;
    this.#nearAwayMs = nearAwayMs;
  }

  /** Opens an adapter; further ones are further nodes. */
  async open(): Promise<AdapterNode> {
    const adapter = await this.subject.create();
    this.#opened.push(adapter);
    return new AdapterNode(adapter, this.#held, () => this.farMs);
  }

  async close(): Promise<void> {
    await Promise.all(this.#opened.map(async (adapter) => adapter.close()));
  }

  get nowMs(): number {
    return this.subject.clock?.now() ?? Date.now();
  }

  /** A deadline that no test reaches. */
  get farMs(): number {
    return this.nowMs + 3_600_000;
  }

  /** A deadline that a test can wait for, far from any whole second: stores like to round. */
  get nearMs(): number {
    this.isTimed = this.subject.clock === undefined;
    const earliestMs = this.nowMs + (this.isTimed ? this.#nearAwayMs : 60_000);
    const pastSecondMs = earliestMs % 1_000;
    if (pastSecondMs < 100) return earliestMs + 100 - pastSecondMs;
    return pastSecondMs > 800 ? earliestMs + 1_100 - pastSecondMs : earliestMs;
  }

  /** Resolves when the time is `ms`, and for a store with a clock of its own certainly so. */
  async reach(ms: number): Promise<void> {
    const { clock } = this.subject;
    if (clock !== undefined) {
      clock.advance(Math.max(0, ms - clock.now()));
      return;
    }
    for (let leftMs = 1; leftMs > 0; leftMs = ms + TOLERANCE_MS - Date.now()) await wait(leftMs);
  }

  /**
   * Looks again and again until the time is just before `ms`; `false` if something was not there.
   */
  async watchUntil(ms: number, isThere: () => Promise<boolean>): Promise<boolean> {
    const { clock } = this.subject;
    if (clock !== undefined) {
      clock.advance(Math.max(0, ms - 1 - clock.now()));
      return isThere();
    }
    while (Date.now() < ms) {
      const found = await isThere();
      // An answer that came after the deadline proves nothing.
      if (!found && Date.now() < ms) return false;
      await wait(5);
    }
    return true;
  }
}

import type { StashAdapter } from "live-stash/adapter";
import { AdapterNode, type TokenData } from "./adapter-node.ts";
import type { AdapterUnderTest } from "./adapter-under-test.ts";
import { wait } from "./wait.ts";

/** The tolerated difference between the clock of a store and that of this process, in ms. */
const TOLERANCE_MS = 50;

/** The surroundings of one test: the adapters that it opens, one browser, and the time. */
export class Workbench {
  readonly subject: AdapterUnderTest;
  readonly #tokenData: TokenData = new Map();
  readonly #opened: StashAdapter[] = [];
  readonly #nearAwayMs: number;
  /** Whether the test raced against the system's clock, so that a failure may be due to a busy machine. */
  isTimed = false;

  /** `nearAwayMs`: the time to a deadline that the test waits for, if it uses the system's clock. */
  constructor(subject: AdapterUnderTest, nearAwayMs: number) {
    this.subject = subject;
    this.#nearAwayMs = nearAwayMs;
  }

  /** Opens an adapter. Each further adapter is another node. */
  async open(): Promise<AdapterNode> {
    const adapter = await this.subject.create();
    this.#opened.push(adapter);
    return new AdapterNode(adapter, this.#tokenData, () => this.farMs);
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

  /** A deadline that a test can wait for, not near a whole second, because stores may round. */
  get nearMs(): number {
    this.isTimed = this.subject.clock === undefined;
    const earliestMs = this.nowMs + (this.isTimed ? this.#nearAwayMs : 60_000);
    const pastSecondMs = earliestMs % 1_000;
    if (pastSecondMs < 100) return earliestMs + 100 - pastSecondMs;
    return pastSecondMs > 800 ? earliestMs + 1_100 - pastSecondMs : earliestMs;
  }

  /** Resolves when the time is `ms`, also by the clock of a store that is behind by the tolerance. */
  async reach(ms: number): Promise<void> {
    const { clock } = this.subject;
    if (clock !== undefined) {
      clock.advance(Math.max(0, ms - clock.now()));
      return;
    }
    for (let leftMs = 1; leftMs > 0; leftMs = ms + TOLERANCE_MS - Date.now()) await wait(leftMs);
  }

  /** Checks repeatedly, until just before `ms`, that a stash is present; `false` once it is not. */
  async watchUntil(ms: number, isThere: () => Promise<boolean>): Promise<boolean> {
    const { clock } = this.subject;
    if (clock !== undefined) {
      clock.advance(Math.max(0, ms - 1 - clock.now()));
      return isThere();
    }
    while (Date.now() < ms) {
      const found = await isThere();
      // An answer after the deadline proves nothing.
      if (!found && Date.now() < ms) return false;
      await wait(5);
    }
    return true;
  }
}

/** The nodes of the two views of a test. */
export type Placement = "one node" | "two nodes";

/** Opens the node of the old owner, and that of the new one. */
export async function openNodes(
  bench: Workbench,
  placement: Placement,
): Promise<{ readonly first: AdapterNode; readonly second: AdapterNode }> {
  const first = await bench.open();
  return { first, second: placement === "one node" ? first : await bench.open() };
}

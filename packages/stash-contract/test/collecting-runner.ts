import type { TestRunner } from "../src/index.ts";

interface CollectedTest {
  /** Its group and its own name. */
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** A runner of tests that must be able to fail. */
export class CollectingRunner implements TestRunner {
  readonly tests: CollectedTest[] = [];
  readonly skipped: string[] = [];
  readonly #path: string[] = [];

  describe = (name: string, define: () => void): void => {
    this.#path.push(name);
    define();
    this.#path.pop();
  };

  it = Object.assign(
    (name: string, run: () => Promise<void>): void => {
      this.tests.push({ name: this.#name(name), run });
    },
    { skip: (name: string): void => void this.skipped.push(this.#name(name)) },
  );

  /** Runs everything, one after the other; resolves with the names of the tests that failed. */
  async failures(): Promise<readonly string[]> {
    const failed: string[] = [];
    for (const { name, run } of this.tests) {
      try {
        await run();
      } catch {
        failed.push(name);
      }
    }
    return failed;
  }

  #name(name: string): string {
    return [...this.#path.slice(1), name].join(": ");
  }
}

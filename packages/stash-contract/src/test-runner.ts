/** Defines one test; `skip` defines one that is reported, but not run. */
export interface DefineTest {
  (name: string, run: () => Promise<void>): unknown;
  readonly skip: (name: string, run: () => Promise<void>) => unknown;
}

/**
 * What the suite needs of a test runner. `{ describe, it }` of vitest, `node:test`, mocha, jest and
 * bun fit as they are. The tests must run one after the other, which is every runner's default.
 */
export interface TestRunner {
  readonly describe: (name: string, define: () => void) => unknown;
  readonly it: DefineTest;
}

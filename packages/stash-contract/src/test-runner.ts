/** Defines one test; `skip` defines one that is reported, but not run. */
export interface DefineTest {
  (name: string, run: () => Promise<void>): unknown;
  readonly skip: (name: string, run: () => Promise<void>) => unknown;
}

/**
 * What the suite needs of a test runner: `{ describe, it }` of vitest and of `node:test` fit as they
 * are. The tests of a suite must run one after the other, which is the default of both.
 */
export interface TestRunner {
  readonly describe: (name: string, define: () => void) => unknown;
  readonly it: DefineTest;
}

import type { AdapterUnderTest } from "./adapter-under-test.ts";
import { closing } from "./cases/closing.ts";
import { deadlines } from "./cases/deadlines.ts";
import { capabilities } from "./cases/capabilities.ts";
import { keepAlive } from "./cases/keep-alive.ts";
import { outages } from "./cases/outages.ts";
import { ownership } from "./cases/ownership.ts";
import { races } from "./cases/races.ts";
import { records } from "./cases/records.ts";
import { restart } from "./cases/restart.ts";
import type { ContractCase, ContractGroup } from "./contract-case.ts";
import { Workbench } from "./workbench.ts";

/**
 * Defines the tests that a stash adapter must pass, with your test runner. Call `adapterContract` at the
 * top level of a test file. Tests that do not apply to the adapter's `capabilities` are skipped, with the
 * reason in the test's name. Each test opens its own adapters and closes them. Ids are random, so tests
 * and runs can share a store.
 *
 * With a `service`, allow each test at least three times `answersWithinMs`, plus 15 s.
 */
export function adapterContract({ describe, it }: TestRunner, subject: AdapterUnderTest): void {
  describe(subject.name, () => {
    for (const group of groupsFor(subject)) {
      describe(group.name, () => {
        for (const testCase of group.cases) define(it, subject, group, testCase);
      });
    }
  });
}

function groupsFor(subject: AdapterUnderTest): ContractGroup[] {
  return [
    capabilities,
    records,
    ownership("one node"),
    ownership("two nodes"),
    races("one node"),
    races("two nodes"),
    deadlines,
    keepAlive,
    restart,
    closing,
    ...outages(subject.service),
  ];
}

function define(
  it: DefineTest,
  subject: AdapterUnderTest,
  group: ContractGroup,
  { name, skipReason, run }: ContractCase,
): void {
  const reason = group.skipReason?.(subject) ?? skipReason?.(subject);
  const test = (): Promise<void> => runOnBench(subject, run, NEAR_AWAYS_MS);
  if (reason === undefined) it(name, test);
  else it.skip(`${name} (skipped: ${reason})`, test);
}

/** The time to a deadline that a test waits for, in its first and its second run, in ms. */
const NEAR_AWAYS_MS = [250, 3_000];

async function runOnBench(
  subject: AdapterUnderTest,
  run: ContractCase["run"],
  [nearAwayMs = 0, ...more]: readonly number[],
): Promise<void> {
  const bench = new Workbench(subject, nearAwayMs);
  try {
    return await run(bench);
  } catch (error) {
    if (!bench.isTimed || more.length === 0) throw error;
  } finally {
    await bench.close();
  }
  // On a busy machine the deadline may pass before the test has acted: run it again with more time.
  await runOnBench(subject, run, more);
}

/** Defines one test; `skip` defines a test that is reported but not run. */
export interface DefineTest {
  (name: string, run: () => Promise<void>): unknown;
  readonly skip: (name: string, run: () => Promise<void>) => unknown;
}

/**
 * The functions of a test runner that the suite uses, such as `{ describe, it }` of vitest or of
 * `node:test`. The tests of a suite must run one after the other, which is the default of both.
 */
export interface TestRunner {
  readonly describe: (name: string, define: () => void) => unknown;
  readonly it: DefineTest;
}

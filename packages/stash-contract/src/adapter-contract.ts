import type { AdapterUnderTest } from "./adapter-under-test.ts";
import { closing } from "./cases/closing.ts";
import { deadlines } from "./cases/deadlines.ts";
import { declared } from "./cases/declared.ts";
import { keepAlive } from "./cases/keep-alive.ts";
import { outages } from "./cases/outages.ts";
import { ownership } from "./cases/ownership.ts";
import { races } from "./cases/races.ts";
import { records } from "./cases/records.ts";
import { restart } from "./cases/restart.ts";
import type { ContractCase, ContractGroup } from "./contract-case.ts";
import type { DefineTest, TestRunner } from "./test-runner.ts";
import { Workbench } from "./workbench.ts";

/**
 * Defines the tests that a stash adapter must pass, with your test runner: call it at the top of a
 * test file. What the adapter cannot do by its `capabilities` is skipped, with the reason in the
 * test's name. Each test opens adapters of its own and closes them; ids are random, so tests and
 * runs can share a store.
 *
 * With a `service`, allow each test at least three times `answersWithinMs`, and 15 s beyond that.
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
    declared,
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

/** How far away a deadline is that a test waits for, the first time and the second. In ms. */
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
  // On a busy machine a deadline may have passed before anything was done: then there is more time.
  await runOnBench(subject, run, more);
}

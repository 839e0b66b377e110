import { countHistories } from "@live-stash/contract";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { loadCore, type LoadedCore } from "./load-core.ts";
import { planOf } from "./plan.ts";
import { type PlantedBug, PLANTED_BUGS } from "./planted-bugs.ts";
import { explain, type Outcome, rulesOf, simulate } from "./simulate.ts";

/** Whether tests run for minutes instead of seconds: `LIVE_STASH_LONG=1 npm test -- tests/histories`. */
const isLong = process.env["LIVE_STASH_LONG"] === "1";
// Only a limit against hanging.
vi.setConfig({ testTimeout: 3_600_000 });

const HISTORIES = isLong ? 100_000 : 3_000;
/** The first seed; with `HISTORIES=1`, the only one. */
const firstSeed = Number(process.env["HISTORY_SEED"] ?? 1);
const histories = Number(process.env["HISTORIES"] ?? HISTORIES);
/** The number of histories within which a planted bug must be found. */
const ENOUGH = 4_000;

test("in random histories nothing acknowledged is lost", async () => {
  console.warn(`HISTORY_SEED=${firstSeed} HISTORIES=${histories}`);
  const core = await loadCore();
  const byAdapter = new Map<string, Outcome[]>();
  for (let seed = firstSeed; seed < firstSeed + histories; seed += 1) {
    const outcome = await simulate(core, planOf(seed));
    if (rulesOf(outcome).length > 0) {
      throw new Error(`HISTORY_SEED=${seed} HISTORIES=1\n${await explain(core, seed)}`);
    }
    const { adapter } = outcome.plan.setup;
    byAdapter.set(adapter, [...(byAdapter.get(adapter) ?? []), outcome]);
  }
  for (const [adapter, outcomes] of byAdapter) console.warn(report(adapter, outcomes));
});

function report(adapter: string, outcomes: readonly Outcome[]): string {
  const figures = countHistories(outcomes.flatMap(({ pages }) => pages));
  const faults = outcomes.reduce((sum, outcome) => sum + outcome.faults, 0);
  const { acknowledged, recovered, pending, lost } = figures;
  return (
    `${adapter}: ${outcomes.length} histories, ${faults} faults, ${acknowledged} acknowledged, ` +
    `${recovered} recovered, ${pending} pending, ${lost} lost`
  );
}

test("the same seed is the same history", async () => {
  const core = await loadCore();
  const again = await loadCore();
  for (let seed = 1; seed <= 20; seed += 1) {
    const { trace } = await simulate(core, planOf(seed), { isTraced: true });
    expect(trace?.length).toBeGreaterThan(5);
    expect((await simulate(again, planOf(seed), { isTraced: true })).trace).toEqual(trace);
  }
});

describe("a bug is found by which", () => {
  beforeAll(async () => {
    sound = await loadCore();
  });

  test.each(PLANTED_BUGS)("$name", async (bug) => {
    const seed = await firstBadSeed(bug);
    console.warn(`found with seed ${seed}`);
    expect(seed).toBeLessThanOrEqual(ENOUGH);
  });
});

let sound: LoadedCore;

async function firstBadSeed(bug: PlantedBug): Promise<number> {
  const { source, sabotage = {}, favours = [] } = bug;
  const core = source === undefined ? sound : await loadCore(source);
  for (let seed = 1; seed <= ENOUGH; seed += 1) {
    const random = planOf(seed, favours);
    const plan = { ...random, setup: { ...random.setup, ...bug.setup } };
    if (rulesOf(await simulate(core, plan, { sabotage })).length === 0) continue;
    // Without the bug, the same history must break no rule.
    if (rulesOf(await simulate(sound, plan)).length === 0) return seed;
  }
  return Infinity;
}

import { expect, test } from "vitest";
import { sampleResult } from "../../test/sample-result.ts";
import type { LoadState } from "../load/load-generator.ts";
import type { Reading } from "../measure/readings.ts";
import { Progress } from "./progress.ts";

const { scenario, runs } = sampleResult({ durationSeconds: 60, users: 500 });

function reading(second: number, stashes: number, wrong = 0): Reading {
  const load: LoadState = {
    users: 500,
    connected: 80,
    busiestWorkerPercent: 20,
    counts: {
      steps: { firstRender: 0, connect: 0, stash: stashes, reconnect: 0 },
      outcomes: { recovered: 0, expired: 0, lost: 0, revived: 0, wrong },
      errors: { "stash: timeout": 2, "connect: timeout": 1 },
      examples: [],
      steadyCycles: 0,
      steadyPageLoads: 0,
      tokens: 0,
      tokenCharacters: 0,
    },
  };
  const nothing = { nodes: [], redis: null, nats: null, nginx: null, labCpuMs: 0 };
  return { atMs: second * 1_000, load, ...nothing };
}

function shown(isTTY: boolean, act: (progress: Progress) => void): string {
  let text = "";
  const screen = { isTTY, write: (more: string) => (text += more) };
  act(new Progress(screen, scenario, ["baseline", "memory"]));
  return text;
}

test("a progress line shows the time left for all adapters, the current rate, and the faults", () => {
  const text = shown(true, (progress) => {
    progress.start("baseline", 0);
    progress.reading(reading(10, 400));
    progress.reading(reading(11, 483, 1));
  });
  expect(text.split("\r\u001b[2K").at(-1)).toBe(
    "baseline (1 of 2) 0:11 of 1:00, 1:55 left · 500 users, 80 connected · " +
      "83 cycles/s · 3 errors, 1 wrong, 0 lost",
  );
});

test("without a terminal progress prints a line every five seconds", () => {
  const text = shown(false, (progress) => {
    progress.start("memory", 1);
    for (let second = 1; second <= 12; second += 1) progress.reading(reading(second, second * 80));
  });
  expect(text.match(/^memory \(2 of 2\)/gm)).toHaveLength(3);
  expect(text).not.toContain("\r");
});

test("at a run's end progress prints its findings, and the reasons why it is invalid", () => {
  const [run] = runs;
  if (run === undefined) throw new Error("The sample result has no runs.");
  const text = shown(false, (progress) =>
    progress.run({
      ...run,
      findings: [{ code: "leak", text: "node-1 still had 9 views." }],
      validity: { isValid: false, reasons: ["The load generator was late."] },
    }),
  );
  expect(text).toContain("  FOUND: node-1 still had 9 views.\n");
  expect(text).toContain("  INVALID: The load generator was late.\n");
});

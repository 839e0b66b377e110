import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { sampleResult } from "../../test/sample-result.ts";
import type { LabResult } from "../result.ts";
import { gatesCommand } from "./gates-command.ts";

let said: string[];
beforeEach(() => {
  said = [];
  vi.spyOn(console, "log").mockImplementation((line: string) => void said.push(line));
  onTestFinished(() => void vi.restoreAllMocks());
});

const result = sampleResult({ durationSeconds: 4 });
const control: LabResult = { ...result, stashing: "by-hand" };

async function gates(ours: LabResult, byHand?: LabResult): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "lab-gates-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const write = async (name: string, what: LabResult): Promise<string> => {
    const file = join(folder, name);
    await writeFile(file, JSON.stringify(what));
    return file;
  };
  const file = await write("ours.json", ours);
  return gatesCommand(file, byHand === undefined ? undefined : await write("by-hand.json", byHand));
}

test("the gates command accepts a result that keeps all limits, with and without a control", async () => {
  expect(await gates(result)).toBe(0);
  expect(said.join("\n")).not.toContain("by hand");
  expect(await gates(result, control)).toBe(0);
  expect(said.join("\n")).toMatch(/memory: CPU that a stash adds ÷ one by hand +1× +at most 4×/);
});

test("the gates command refuses swapped files, and a control without an adapter in common", async () => {
  await expect(gates(control)).rejects.toThrow(/stash with LiveStash in .*ours\.json, got pages/);
  await expect(gates(result, result)).rejects.toThrow(/stash by hand in .*by-hand\.json, got/);
  const runs = control.runs.filter(({ adapter }) => adapter !== "baseline");
  await expect(gates(result, { ...control, runs })).rejects.toThrow(
    /an adapter in common, got none/,
  );
});

test("the gates command fails, and says why, if the control's figures must not be used", async () => {
  const runs = control.runs.map((run) =>
    run.adapter === "redis" ? { ...run, validity: { isValid: false, reasons: ["late"] } } : run,
  );
  expect(await gates(result, { ...control, runs })).toBe(1);
  expect(said.at(-1)).toMatch(/by-hand\.json: the run of redis is invalid/);
  expect(await gates(result, { ...control, isInterrupted: true })).toBe(1);
  const scenario = { ...control.scenario, users: 3 };
  expect(await gates(result, { ...control, scenario })).toBe(0);
  expect(said.join("\n")).toMatch(/Not the same scenario: users is 2000 in A, 3 in B/);
});

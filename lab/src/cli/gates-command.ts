import { formatGates } from "../gates/format-gates.ts";
import { gatesBeside, type GateOutcome, gatesOf } from "../gates/gates.ts";
import { differingConditions } from "../report/comparison/differing-conditions.ts";
import type { LabResult } from "../result.ts";
import { readResult } from "./read-result.ts";

/** A result, and the file that has it. */
interface ReadRun {
  readonly file: string;
  readonly result: LabResult;
}

/**
 * Holds a result against what is promised, and against a control by hand, if there is one.
 *
 * @returns the exit code: 1 if a gate does not hold.
 * @throws Error if one of the files is not what it should be.
 */
export async function gatesCommand(file: string, controlFile: string | undefined): Promise<number> {
  const run = await readRun(file, "LiveStash");
  const control = controlFile === undefined ? undefined : await readRun(controlFile, "by hand");
  const beside = control === undefined ? [] : besideControl(control, run);
  const gates = [...gatesOf(run.result), ...beside];
  console.log(formatGates(gates));
  const doubts = [run, ...(control === undefined ? [] : [control])].flatMap(doubtsAbout);
  for (const doubt of doubts) console.log(doubt);
  const isProven = gates.length > 0 && gates.every(({ holds }) => holds) && doubts.length === 0;
  return isProven ? 0 : 1;
}

async function readRun(file: string, stashing: "LiveStash" | "by hand"): Promise<ReadRun> {
  const result = await readResult(file);
  const found = result.stashing === undefined ? "LiveStash" : "by hand";
  if (found === stashing) return { file, result };
  throw new Error(
    `gates: expected pages that stash ${named(stashing)} in ${file}, found some that stash ` +
      `${named(found)}. The control, which \`--by-hand\` writes, goes second.`,
  );
}

const named = (stashing: string): string =>
  stashing === "by hand" ? stashing : `with ${stashing}`;

function besideControl(control: ReadRun, run: ReadRun): readonly GateOutcome[] {
  const gates = gatesBeside(control.result, run.result);
  if (gates.length === 0) {
    throw new Error(
      `gates: expected ${control.file} and ${run.file} to have a baseline and an adapter in common, ` +
        "found none: the control proves nothing.",
    );
  }
  for (const difference of differingConditions(run.result, control.result)) {
    console.log(`A is ${run.file}, B is ${control.file}. ${difference}`);
  }
  return gates;
}

/** What speaks against a run's figures. */
function doubtsAbout({ file, result }: ReadRun): readonly string[] {
  const { runs, failures = [], isInterrupted } = result;
  const invalid = runs.filter(({ validity }) => !validity.isValid);
  return [
    ...(isInterrupted ? [`${file} was interrupted: the last adapter's run is shorter.`] : []),
    ...failures.map(({ adapter }) => `${file}: the run of ${adapter} could not be finished.`),
    ...invalid.map(
      ({ adapter }) => `${file}: the run of ${adapter} is invalid, its figures prove nothing.`,
    ),
  ];
}

import { formatGates, type GateOutcome, gatesBeside, gatesOf } from "../gates/gates.ts";
import { differingConditions } from "../report/comparison/differing-conditions.ts";
import type { LabResult } from "../result.ts";
import { readResult } from "./result-files.ts";

/** A result, and the file that it was read from. */
interface ReadRun {
  readonly file: string;
  readonly result: LabResult;
}

/**
 * Checks a result against the gates, and against a control that stashes by hand, if one is given.
 *
 * @returns The exit code: 1 if a gate fails or the figures must not be used.
 * @throws Error if a file is no result, or of the other kind, or the two have no adapter in common.
 */
export async function gatesCommand(file: string, controlFile: string | undefined): Promise<number> {
  const run = await readRun(file, "LiveStash");
  const control = controlFile === undefined ? undefined : await readRun(controlFile, "by hand");
  const beside = control === undefined ? [] : besideControl(control, run);
  const gates = [...gatesOf(run.result), ...beside];
  console.log(formatGates(gates));
  const reasons = [run, ...(control === undefined ? [] : [control])].flatMap(reasonsToDistrust);
  for (const reason of reasons) console.log(reason);
  const isProven = gates.length > 0 && gates.every(({ holds }) => holds) && reasons.length === 0;
  return isProven ? 0 : 1;
}

async function readRun(file: string, stashing: "LiveStash" | "by hand"): Promise<ReadRun> {
  const result = await readResult(file);
  const found = result.stashing === undefined ? "LiveStash" : "by hand";
  if (found === stashing) return { file, result };
  throw new Error(
    `gates: expected pages that stash ${named(stashing)} in ${file}, got pages that stash ` +
      `${named(found)}. Name the result first, then the control, which \`--by-hand\` writes.`,
  );
}

const named = (stashing: string): string =>
  stashing === "by hand" ? stashing : `with ${stashing}`;

function besideControl(control: ReadRun, run: ReadRun): readonly GateOutcome[] {
  const gates = gatesBeside(control.result, run.result);
  if (gates.length === 0) {
    throw new Error(
      `gates: expected ${control.file} and ${run.file} to have a baseline and an adapter in common, ` +
        "got none. Run the control with the same --adapter.",
    );
  }
  for (const difference of differingConditions(run.result, control.result)) {
    console.log(`A is ${run.file}, B is ${control.file}. ${difference}`);
  }
  return gates;
}

/** The reasons why a result's figures must not be used: interrupted, failed or invalid runs. */
function reasonsToDistrust({ file, result }: ReadRun): readonly string[] {
  const { runs, failures = [], isInterrupted } = result;
  const invalid = runs.filter(({ validity }) => !validity.isValid);
  return [
    ...(isInterrupted ? [`${file} was interrupted: the last adapter's run is shorter.`] : []),
    ...failures.map(({ adapter }) => `${file}: the run of ${adapter} failed.`),
    ...invalid.map(({ adapter }) => `${file}: the run of ${adapter} is invalid.`),
  ];
}

import { formatGates } from "../gates/format-gates.ts";
import { gatesBeside, gatesOf } from "../gates/gates.ts";
import { readResult } from "./read-result.ts";

/**
 * Holds a result against what is promised, and against a control by hand, if there is one.
 *
 * @returns the exit code: 1 if a gate does not hold.
 */
export async function gatesCommand(file: string, controlFile: string | undefined): Promise<number> {
  const result = await readResult(file);
  const control = controlFile === undefined ? undefined : await readResult(controlFile);
  if (result.stashing !== undefined) {
    throw new Error(`gates: expected pages that stash with LiveStash in ${file}, found a control.`);
  }
  if (control !== undefined && control.stashing === undefined) {
    throw new Error(
      `gates: expected a run with --by-hand in ${controlFile}, found one with LiveStash.`,
    );
  }
  const beside = control === undefined ? [] : gatesBeside(control, result);
  const gates = [...gatesOf(result), ...beside];
  console.log(formatGates(gates));
  const runs = [...result.runs, ...(control?.runs ?? [])];
  const invalid = runs.filter(({ validity }) => !validity.isValid);
  for (const { adapter } of invalid) {
    console.log(`The run of ${adapter} is invalid: what it says here proves nothing.`);
  }
  const isProven = gates.length > 0 && gates.every(({ holds }) => holds) && invalid.length === 0;
  return isProven ? 0 : 1;
}

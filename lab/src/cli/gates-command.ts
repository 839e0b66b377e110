import { formatGates } from "../gates/format-gates.ts";
import { gatesOf } from "../gates/gates.ts";
import { readResult } from "./read-result.ts";

/** Holds a result against what is promised. @returns the exit code: 1 if a gate does not hold. */
export async function gatesCommand(file: string): Promise<number> {
  const result = await readResult(file);
  const gates = gatesOf(result);
  console.log(formatGates(gates));
  const invalid = result.runs.filter(({ validity }) => !validity.isValid);
  for (const { adapter } of invalid) {
    console.log(`The run of ${adapter} is invalid: what it says here proves nothing.`);
  }
  const isProven = gates.length > 0 && gates.every(({ holds }) => holds) && invalid.length === 0;
  return isProven ? 0 : 1;
}

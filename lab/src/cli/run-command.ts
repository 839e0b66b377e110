import { resolve } from "node:path";
import { formatSummary } from "../report/format-summary.ts";
import { writeReport } from "../report/write-report.ts";
import type { LabResult } from "../result.ts";
import { connectionsOf } from "../run-adapter.ts";
import { runLab } from "../run-lab.ts";
import { openFilesProblem } from "../topology/open-files-problem.ts";
import { buildApplication } from "../topology/application-code.ts";
import { newResultFolder } from "./result-files.ts";
import { Progress } from "./progress.ts";
import type { RunCommand } from "./lab-arguments.ts";

/** Runs the lab, writes the report, and prints a summary. @returns The exit code. */
export async function runCommand(command: RunCommand, signal: AbortSignal): Promise<number> {
  const { adapters, scenario, isByHand, fault, withPrometheus, profileFolder } = command;
  const problem = openFilesProblem(connectionsOf(scenario.users));
  if (problem !== undefined) {
    console.error(problem);
    return 2;
  }
  const progress = new Progress(process.stdout, scenario, adapters);
  const result = await runLab({
    adapters,
    scenario,
    isByHand,
    fault,
    withPrometheus,
    profileFolder: profileFolder === undefined ? undefined : resolve(profileFolder),
    signal,
    code: await buildApplication(),
    onStart: (adapter, index) => progress.start(adapter, index),
    onReading: (reading) => progress.reading(reading),
    onRun: (run) => progress.run(run),
    onFailure: (adapter, cause) => {
      console.error(`\n${adapter}: this run failed.`, cause);
    },
  });
  const words = [scenario.preset, ...(isByHand ? ["by-hand"] : [])];
  const folder = command.out ?? newResultFolder(result.startedAt, ...words);
  const { htmlPath } = await writeReport(result, folder);
  console.log(`\n${formatSummary(result)}\n\nThe report: ${htmlPath}`);
  return exitCode(result);
}

/** Returns 0 for success, 1 for findings or failed runs, 3 for invalid figures, 130 for Ctrl-C. */
export function exitCode({ runs, failures, isInterrupted }: LabResult): number {
  if (isInterrupted) return 130;
  if (failures !== undefined || runs.some(({ findings }) => findings.length > 0)) return 1;
  return runs.every(({ validity }) => validity.isValid) ? 0 : 3;
}

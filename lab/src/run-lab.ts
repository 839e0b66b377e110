import type { Fault } from "./app/fault.ts";
import { findingsOf, type MeasuredRun } from "./measure/findings.ts";
import { describeMachine, programVersions, readCommit } from "./measure/provenance.ts";
import type { Reading } from "./measure/readings.ts";
import { type AdapterName, type AdapterRun, type LabResult, RESULT_FORMAT } from "./result.ts";
import type { Scenario } from "./result.ts";
import { runAdapter } from "./run-adapter.ts";
import type { ApplicationCode } from "./topology/application-code.ts";

/** A whole run. */
export interface LabOptions {
  /** In this order. The baseline first, so that the others can be judged by it. */
  readonly adapters: readonly AdapterName[];
  readonly scenario: Scenario;
  /** The control's stash, made by hand, instead of LiveStash's. Default: `false`. */
  readonly isByHand?: boolean;
  readonly code: ApplicationCode;
  /** Makes the application bad in one way, for all adapters but the baseline. */
  readonly fault?: Fault | undefined;
  /** Where each node writes a profile of its CPU when it ends. Default: nowhere. */
  readonly profileFolder?: string | undefined;
  readonly withPrometheus: boolean;
  /** Aborted: the run ends at once, and what was measured is the result. */
  readonly signal: AbortSignal;
  /** Told when an adapter's turn begins, once a second of it, and when it ends. */
  readonly onStart?: (adapter: AdapterName, index: number) => void;
  readonly onReading?: (reading: Reading) => void;
  readonly onRun?: (run: AdapterRun) => void;
  /** Told when an adapter's turn could not be finished; the next one's begins all the same. */
  readonly onFailure?: (adapter: AdapterName, cause: unknown) => void;
}

/** Runs the scenario with one adapter after the other. */
export async function runLab(options: LabOptions): Promise<LabResult> {
  const { adapters, scenario, signal, fault } = options;
  const startedAt = new Date().toISOString();
  const versions = await programVersions(adapters, options.withPrometheus);
  const commit = await readCommit();
  const runs: AdapterRun[] = [];
  const failures: { adapter: AdapterName; reason: string }[] = [];
  let baseline: MeasuredRun | undefined;
  for (const [index, adapter] of adapters.entries()) {
    if (signal.aborted) break;
    options.onStart?.(adapter, index);
    let measured: MeasuredRun;
    try {
      measured = await runAdapter({
        ...options,
        adapter,
        fault: adapter === "baseline" ? undefined : fault,
        onReading: options.onReading ?? (() => undefined),
      });
    } catch (cause) {
      // What was measured of the others stays.
      failures.push({ adapter, reason: cause instanceof Error ? cause.message : String(cause) });
      options.onFailure?.(adapter, cause);
      continue;
    }
    if (adapter === "baseline") baseline = measured;
    const { examples: _, ...kept } = measured;
    const run = { ...kept, findings: findingsOf(measured, baseline) };
    runs.push(run);
    options.onRun?.(run);
  }
  return {
    format: RESULT_FORMAT,
    startedAt,
    finishedAt: new Date().toISOString(),
    isInterrupted: signal.aborted,
    machine: describeMachine(),
    versions,
    commit,
    scenario,
    ...(options.isByHand === true ? { stashing: "by-hand" } : {}),
    runs,
    ...(failures.length === 0 ? {} : { failures }),
  };
}

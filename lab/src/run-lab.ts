import type { Fault } from "./app/fault.ts";
import { findingsOf, type MeasuredRun } from "./measure/findings.ts";
import { describeMachine, programVersions, readCommit } from "./measure/provenance.ts";
import type { Reading } from "./measure/readings.ts";
import { type AdapterName, type AdapterRun, type LabResult, RESULT_FORMAT } from "./result.ts";
import type { Scenario } from "./result.ts";
import { runAdapter } from "./run-adapter.ts";
import type { ApplicationCode } from "./topology/application-code.ts";

/** The settings of a run of the lab. */
export interface LabOptions {
  /** The adapters in their order. The baseline comes first, because the others are compared with it. */
  readonly adapters: readonly AdapterName[];
  readonly scenario: Scenario;
  /** Whether the pages stash by hand, as the control does, instead of with LiveStash. Default: `false`. */
  readonly isByHand?: boolean;
  readonly code: ApplicationCode;
  /** A fault to inject into the application, for all adapters but the baseline. */
  readonly fault?: Fault | undefined;
  /** The folder into which each node writes a CPU profile when it ends. Default: no profile. */
  readonly profileFolder?: string | undefined;
  readonly withPrometheus: boolean;
  /** When aborted, the run ends at once, and the measurements so far are the result. */
  readonly signal: AbortSignal;
  /** Called when an adapter's run begins, once a second during it, and when it ends. */
  readonly onStart?: (adapter: AdapterName, index: number) => void;
  readonly onReading?: (reading: Reading) => void;
  readonly onRun?: (run: AdapterRun) => void;
  /** Called when an adapter's run failed. The next adapter's run still follows. */
  readonly onFailure?: (adapter: AdapterName, cause: unknown) => void;
}

/** Runs the scenario with one adapter after another. */
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
      // The other adapters' measurements are kept.
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

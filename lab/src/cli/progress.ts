import type { Reading } from "../measure/readings.ts";
import type { AdapterName, AdapterRun, Scenario } from "../result.ts";
import { minutesAndSeconds } from "./duration.ts";

/** The stream to which progress is written. */
export interface Screen {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/** The time that it takes to start and stop a topology, for the estimate of the time left. */
const AROUND_A_RUN_MS = 6_000;
/** Without a terminal no line can be replaced, so that one every second would be too many. */
const LINES_WITHOUT_TERMINAL_MS = 5_000;

/** Prints the current step, the time left, and each run's findings. */
export class Progress {
  readonly #screen: Screen;
  readonly #scenario: Scenario;
  readonly #adapters: readonly AdapterName[];
  #index = 0;
  #last: Reading | undefined;
  #shownAtMs = Number.NEGATIVE_INFINITY;

  constructor(screen: Screen, scenario: Scenario, adapters: readonly AdapterName[]) {
    this.#screen = screen;
    this.#scenario = scenario;
    this.#adapters = adapters;
  }

  start(adapter: AdapterName, index: number): void {
    this.#index = index;
    this.#last = undefined;
    this.#shownAtMs = Number.NEGATIVE_INFINITY;
    this.#show(`${adapter}: starting nodes, nginx and what the adapter needs`);
  }

  reading(reading: Reading): void {
    const before = this.#last;
    this.#last = reading;
    const isDue = reading.atMs - this.#shownAtMs >= LINES_WITHOUT_TERMINAL_MS;
    if (this.#screen.isTTY !== true && !isDue) return;
    this.#shownAtMs = reading.atMs;
    this.#show(this.#line(reading, before));
  }

  run(run: AdapterRun): void {
    const { counts, perCycle, findings, validity } = run;
    const cost = perCycle.cpuMs === null ? "" : `, ${perCycle.cpuMs.toFixed(2)} ms CPU per cycle`;
    this.#show(
      `${run.adapter}: ${counts.stashes} cycles${cost}; ${counts.recovered} recovered, ` +
        `${counts.expired} expired, ${counts.lost} lost, ${counts.wrong} wrong`,
    );
    if (this.#screen.isTTY === true) this.#screen.write("\n");
    for (const { text } of findings) this.#screen.write(`  FOUND: ${text}\n`);
    for (const reason of validity.reasons) this.#screen.write(`  INVALID: ${reason}\n`);
  }

  #line({ atMs, load }: Reading, before: Reading | undefined): string {
    const { durationMs } = this.#scenario;
    const adapter = this.#adapters[this.#index] ?? "";
    const runsLeft = this.#adapters.length - this.#index - 1;
    const leftMs = durationMs - atMs + runsLeft * (durationMs + AROUND_A_RUN_MS);
    const seconds = (atMs - (before?.atMs ?? 0)) / 1_000;
    const cycles = load.counts.steps.stash - (before?.load.counts.steps.stash ?? 0);
    const errors = Object.values(load.counts.errors).reduce((sum, count) => sum + count, 0);
    const { lost, revived, wrong } = load.counts.outcomes;
    return (
      `${adapter} (${this.#index + 1} of ${this.#adapters.length}) ` +
      `${minutesAndSeconds(atMs)} of ${minutesAndSeconds(durationMs)}, ` +
      `${minutesAndSeconds(leftMs)} left · ${load.users} users, ${load.connected} connected · ` +
      `${(cycles / seconds).toFixed(0)} cycles/s · ${errors} errors, ${wrong + revived} wrong, ${lost} lost`
    );
  }

  /** Writes a line, on a terminal in place of the previous one. */
  #show(line: string): void {
    this.#screen.write(this.#screen.isTTY === true ? `\r\u001b[2K${line}` : `${line}\n`);
  }
}

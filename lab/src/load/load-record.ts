import type { Scenario, StepName } from "../result.ts";
import { STEP_NAMES } from "../result.ts";
import { Durations } from "./durations.ts";
import type { ReturnOutcome } from "./judge-return.ts";

/** A worker's counts since the start of the run. */
export interface LoadCounts {
  /** Steps that succeeded. */
  readonly steps: Record<StepName, number>;
  readonly outcomes: Record<ReturnOutcome, number>;
  readonly errors: Record<string, number>;
  /** The first faults, such as "lost: a return after 0.4 TTL showed …". */
  readonly examples: string[];
  /** Stashes within the steady time. Each ends a cycle. */
  steadyCycles: number;
  steadyPageLoads: number;
  tokens: number;
  tokenCharacters: number;
}

/** Histograms, encoded for messages between threads. */
export interface EncodedDurations {
  readonly sent: Readonly<Record<StepName, string>>;
  readonly planned: Readonly<Record<StepName, string>>;
  readonly lateness: string;
}

const MAX_EXAMPLES = 5;

const perStep = <Value>(make: () => Value): Record<StepName, Value> => ({
  firstRender: make(),
  connect: make(),
  stash: make(),
  reconnect: make(),
});

/** Returns the time between the ramps, in ms since the run's start. */
export const steadyOf = ({ rampUpMs, durationMs, rampDownMs }: Scenario) => ({
  fromMs: rampUpMs,
  toMs: durationMs - rampDownMs,
});

/** Counts steps over the whole run, and measures durations in the steady time. */
export class LoadRecord {
  readonly counts: LoadCounts = {
    steps: perStep(() => 0),
    outcomes: { recovered: 0, expired: 0, lost: 0, revived: 0, wrong: 0 },
    errors: {},
    examples: [],
    steadyCycles: 0,
    steadyPageLoads: 0,
    tokens: 0,
    tokenCharacters: 0,
  };
  readonly #sent = perStep(() => new Durations());
  readonly #planned = perStep(() => new Durations());
  readonly #lateness = new Durations();
  readonly #steady: { readonly fromMs: number; readonly toMs: number };

  constructor(scenario: Scenario) {
    this.#steady = steadyOf(scenario);
  }

  /** Records a step that succeeded. All times are in ms since the run's start. */
  step(name: StepName, plannedMs: number, sentMs: number, doneMs: number): void {
    this.counts.steps[name] += 1;
    if (!this.#isSteady(doneMs)) return;
    if (name === "stash") this.counts.steadyCycles += 1;
    if (name === "firstRender") this.counts.steadyPageLoads += 1;
    this.#sent[name].add(doneMs - sentMs);
    this.#planned[name].add(doneMs - plannedMs);
  }

  /** Counts the outcome of a return. */
  outcome(outcome: ReturnOutcome): void {
    this.counts.outcomes[outcome] += 1;
  }

  /** Counts a fault; the first few are kept as examples. */
  fault(outcome: Exclude<ReturnOutcome, "recovered" | "expired">, what: string): void {
    this.outcome(outcome);
    const { examples } = this.counts;
    if (examples.length < MAX_EXAMPLES) examples.push(`${outcome}: ${what}`);
  }

  error(step: StepName, reason: string): void {
    const key = `${step}: ${reason}`;
    this.counts.errors[key] = (this.counts.errors[key] ?? 0) + 1;
  }

  token(characters: number): void {
    if (characters === 0) return;
    this.counts.tokens += 1;
    this.counts.tokenCharacters += characters;
  }

  /** Records a step that had nothing to wait for and yet began after its planned time. */
  late(plannedMs: number, nowMs: number): void {
    if (this.#isSteady(plannedMs)) this.#lateness.add(nowMs - plannedMs);
  }

  encodeDurations(): EncodedDurations {
    const sent = perStep(() => "");
    const planned = perStep(() => "");
    for (const name of STEP_NAMES) {
      sent[name] = this.#sent[name].encode();
      planned[name] = this.#planned[name].encode();
    }
    return { sent, planned, lateness: this.#lateness.encode() };
  }

  #isSteady(atMs: number): boolean {
    return atMs >= this.#steady.fromMs && atMs < this.#steady.toMs;
  }
}

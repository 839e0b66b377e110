import type { Scenario } from "../result.ts";
import type { EncodedDurations, LoadCounts } from "./load-record.ts";

/** What a worker is given. */
export interface LoadOrder {
  readonly scenario: Scenario;
  readonly url: string;
  readonly isStashing: boolean;
  /** This worker has every user whose number, divided by the workers' number, leaves this. */
  readonly worker: number;
}

/** What it hears then: that the run starts, or that it is over. */
export type LoadCommand =
  | {
      readonly kind: "start";
      /** In ms since the epoch, with fractions. */
      readonly startedAtMs: number;
    }
  | { readonly kind: "stop" };

/** What it says when all is loaded and it waits for the start. */
export interface LoadReady {
  readonly kind: "ready";
}

/** What a worker says once a second. */
export interface LoadProgress {
  readonly kind: "progress";
  readonly worker: number;
  readonly users: number;
  readonly connected: number;
  readonly counts: LoadCounts;
  /** How busy its event loop was in the last second, 0 to 100. */
  readonly busyPercent: number;
}

/** What it says at the end. */
export interface LoadDone {
  readonly kind: "done";
  readonly worker: number;
  readonly counts: LoadCounts;
  readonly durations: EncodedDurations;
}

export type LoadMessage = LoadReady | LoadProgress | LoadDone;

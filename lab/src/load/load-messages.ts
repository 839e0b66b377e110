import type { Scenario } from "../result.ts";
import type { EncodedDurations, LoadCounts } from "./load-record.ts";

/** The settings of one worker thread. */
export interface WorkerSettings {
  readonly scenario: Scenario;
  readonly url: string;
  readonly isStashing: boolean;
  /** The worker's number, from 0. It runs the users whose number modulo `workers` is this one. */
  readonly worker: number;
}

/** A message to a worker: the run starts, or is over. */
export type LoadCommand =
  | {
      readonly kind: "start";
      /** In ms since the epoch, with fractions. */
      readonly startedAtMs: number;
    }
  | { readonly kind: "stop" };

/** The first message of a worker: it has loaded its code, and waits for the start. */
export interface LoadReady {
  readonly kind: "ready";
}

/** A worker's message once a second. */
export interface LoadProgress {
  readonly kind: "progress";
  readonly worker: number;
  readonly users: number;
  readonly connected: number;
  readonly counts: LoadCounts;
  /** The share of the last second in which its event loop was busy, 0 to 100. */
  readonly busyPercent: number;
}

/** The last message of a worker. */
export interface LoadDone {
  readonly kind: "done";
  readonly worker: number;
  readonly counts: LoadCounts;
  readonly durations: EncodedDurations;
}

export type LoadMessage = LoadReady | LoadProgress | LoadDone;

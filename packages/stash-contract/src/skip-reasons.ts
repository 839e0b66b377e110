import type { SkipReason } from "./contract-case.ts";

/** For what only an adapter with a record of its own can do. */
export const unlessStored: SkipReason = ({ capabilities }) =>
  capabilities.browserHolds !== "reference"
    ? "the browser holds the state itself, the adapter keeps nothing"
    : undefined;

export const unlessShared: SkipReason = (subject) =>
  subject.capabilities.sharedAcrossNodes
    ? undefined
    : "`sharedAcrossNodes` is false: no other node has this store";

export const unlessSurviving: SkipReason = ({ capabilities }) =>
  capabilities.survivesRestart
    ? undefined
    : "`survivesRestart` is false: its stashes end with their process";

export const unlessEndless: SkipReason = (subject) =>
  subject.capabilities.needsKeepAlive
    ? "`needsKeepAlive` is true: the core always sets a finite deadline"
    : undefined;

/** The first reason of several. */
export const either =
  (...reasons: readonly SkipReason[]): SkipReason =>
  (subject) =>
    reasons.map((reason) => reason(subject)).find((reason) => reason !== undefined);

import type { SkipReason } from "./contract-case.ts";
import type { Placement } from "./nodes.ts";

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

/** For owners that call from another node than their own. */
export const unlessFoundByAllCalls =
  (placement: Placement): SkipReason =>
  ({ keepsStashesWithOwners = false }) =>
    keepsStashesWithOwners && placement === "two nodes"
      ? "each stash is on its owner's node, where all calls but `load` are made"
      : undefined;

/** The first reason of several. */
export const either =
  (...reasons: readonly SkipReason[]): SkipReason =>
  (subject) =>
    reasons.map((reason) => reason(subject)).find((reason) => reason !== undefined);

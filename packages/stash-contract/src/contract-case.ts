import type { AdapterUnderTest } from "./adapter-under-test.ts";
import type { Placement, Workbench } from "./workbench.ts";

/** Returns the reason why a test does not apply to an adapter; `undefined` if it applies. */
export type SkipReason = (subject: AdapterUnderTest) => string | undefined;

/** One rule of the contract. */
export interface ContractCase {
  readonly name: string;
  readonly skipReason?: SkipReason;
  readonly run: (bench: Workbench) => Promise<void>;
}

/** A group of rules. A reason to skip the group skips all of its cases. */
export interface ContractGroup {
  readonly name: string;
  readonly skipReason?: SkipReason;
  readonly cases: readonly ContractCase[];
}

/** Skips tests of adapters that do not store records themselves. */
export const unlessStored: SkipReason = ({ capabilities }) =>
  capabilities.browserHolds !== "reference"
    ? "the browser holds the state itself, and the adapter stores nothing"
    : undefined;

export const unlessShared: SkipReason = (subject) =>
  subject.capabilities.sharedAcrossNodes
    ? undefined
    : "`sharedAcrossNodes` is false: no other node can use this store";

export const unlessSurviving: SkipReason = ({ capabilities }) =>
  capabilities.survivesRestart
    ? undefined
    : "`survivesRestart` is false: stashes end with their process";

export const unlessEndless: SkipReason = (subject) =>
  subject.capabilities.needsKeepAlive
    ? "`needsKeepAlive` is true: the core always sets a finite deadline"
    : undefined;

/** Skips tests in which an owner calls from another node than its own. */
export const unlessFoundByAllCalls =
  (placement: Placement): SkipReason =>
  ({ keepsStashesWithOwners = false }) =>
    keepsStashesWithOwners && placement === "two nodes"
      ? "`keepsStashesWithOwners` is true: only `load` is called from another node"
      : undefined;

/** Combines reasons: returns the first that applies. */
export const either =
  (...reasons: readonly SkipReason[]): SkipReason =>
  (subject) =>
    reasons.map((reason) => reason(subject)).find((reason) => reason !== undefined);

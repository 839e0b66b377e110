import type { AdapterUnderTest } from "./adapter-under-test.ts";
import type { Workbench } from "./workbench.ts";

/** Why a test does not apply to an adapter; `undefined` if it does. */
export type SkipReason = (subject: AdapterUnderTest) => string | undefined;

/** One rule of the contract. */
export interface ContractCase {
  readonly name: string;
  readonly skipReason?: SkipReason;
  readonly run: (bench: Workbench) => Promise<void>;
}

/** Rules that belong together; a reason to skip the group skips all of them. */
export interface ContractGroup {
  readonly name: string;
  readonly skipReason?: SkipReason;
  readonly cases: readonly ContractCase[];
}

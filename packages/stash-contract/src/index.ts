export { adapterContract } from "./adapter-contract.ts";
export type { AdapterUnderTest, Outage, ServiceUnderTest } from "./adapter-under-test.ts";
export { isLinearizable, type StashCall } from "./call-history.ts";
export { createManualClock, type ManualClock } from "./adapter-under-test.ts";
export {
  checkPageHistory,
  countedState,
  countHistories,
  type Excuse,
  type HistoryFigures,
  type HistoryOptions,
  type HistoryViolation,
  type PageEvent,
  type PageState,
} from "./page-history.ts";
export type { DefineTest, TestRunner } from "./adapter-contract.ts";

export { adapterContract } from "./adapter-contract.ts";
export type { AdapterUnderTest, Outage, ServiceUnderTest } from "./adapter-under-test.ts";
export { createManualClock, type ManualClock } from "./manual-clock.ts";
export type { DefineTest, TestRunner } from "./test-runner.ts";

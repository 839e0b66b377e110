export { createSealer, SEAL_BYTES, type Sealer, type SealerOptions } from "../crypto/seal.ts";
export {
  checkOptions,
  type CheckedOptions,
  type Clock,
  invalidOption,
  MAX_TIMER_MS,
  type OptionRow,
  type OptionTable,
} from "../option-checks.ts";
export type {
  AdapterCapabilities,
  ForgetOutcome,
  ForgetRequest,
  KeepAliveOutcome,
  KeepAliveRequest,
  LoadOutcome,
  LoadRequest,
  MaybePromise,
  Owner,
  SaveOutcome,
  SaveRequest,
  StashAdapter,
  StashId,
} from "../store/adapter.ts";
export { isEarlierOwner, ORDER_CHARACTERS } from "../store/owner.ts";
export { startTimeLimit } from "../time-limit.ts";

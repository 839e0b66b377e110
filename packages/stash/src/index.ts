export { createBrowserHeldAdapter } from "./adapters/browser-held-adapter.ts";
export type { BrowserHeldAdapterOptions, SecurityMode } from "./adapters/browser-held-adapter.ts";
export { StashError, type StashErrorCode } from "./errors.ts";
export { liveStash, recoverState, resetStash, stash, type StashHook } from "./live-stash.ts";
export type { MemoryAdapterOptions } from "./adapters/memory-adapter-options.ts";
export { createMemoryAdapter, type MemoryAdapter } from "./adapters/memory-adapter.ts";
export type { LiveStashOptions, StashErrorContext, StashHostOf } from "./options.ts";
export {
  type LateRecoverResult,
  RECOVERY_EVENT,
  type RecoverErrorReason,
  type RecoverResult,
  type ResetResult,
  type StashResult,
} from "./results.ts";
export type { SchemaResult, StandardSchema } from "./options.ts";
export type { StateVersion } from "./state/record.ts";

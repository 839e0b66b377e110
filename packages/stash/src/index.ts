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
} from "./adapter.ts";
export {
  CHANNELS,
  type ErrorEvent,
  type KeepAliveEvent,
  type OperationEvent,
  type OperationName,
  type PeerLookupEvent,
} from "./diagnostics.ts";
export { StashError, type StashErrorCode } from "./errors.ts";
export {
  HELD_PARAM,
  HOLD_EVENT,
  type HoldEvent,
  type HostEndReason,
  type StashHost,
} from "./host.ts";
export { liveStash, recoverState, resetStash, stash, type StashHook } from "./live-stash.ts";
export { createBrowserHeldAdapter } from "./browser-held/browser-held-adapter.ts";
export type {
  BrowserHeldAdapterOptions,
  SecurityMode,
} from "./browser-held/browser-held-options.ts";
export { createMemoryAdapter, type MemoryAdapter } from "./memory/memory-adapter.ts";
export type { MemoryAdapterOptions, MemoryFigures } from "./memory/memory-options.ts";
export type { HandOverOptions } from "./memory/peers/hand-over-options.ts";
export type { HandOverResult } from "./memory/peers/hand-over.ts";
export type { PeerFigures } from "./memory/peers/peered-store.ts";
export type { PeerUpgradeHandler } from "./memory/peers/http/peer-upgrades.ts";
export type { LookupSource } from "./memory/peers/lookup.ts";
export { type HttpPeers, peersOverHttp } from "./memory/peers/http/peers-over-http.ts";
export type {
  ListedPeersOptions,
  NamedPeersOptions,
  PeerListenOptions,
  PeersOverHttpOptions,
} from "./memory/peers/http/peers-over-http-options.ts";
export {
  peersOnThisMachine,
  type PeersOnThisMachineOptions,
} from "./memory/peers/http/peers-on-this-machine.ts";
export {
  MAX_PEER_MESSAGE_BYTES,
  NODE_NAME_CHARACTERS,
  type NodeName,
  type PeerHandler,
  type PeerNetwork,
  type PeerReply,
} from "./memory/peers/peer-network.ts";
export { isEarlierOwner, ORDER_CHARACTERS, PAGE_PARAM } from "./owners.ts";
export type { Clock } from "./option-checks.ts";
export type { LiveStashOptions, StashErrorContext, StashHostOf } from "./options.ts";
export type { StateVersion } from "./record.ts";
export {
  type LateRecoverResult,
  RECOVERY_EVENT,
  type RecoverErrorReason,
  type RecoverResult,
  type ResetResult,
  type StashResult,
} from "./results.ts";
export { createSealer, SEAL_BYTES, type Sealer, type SealerOptions } from "./seal.ts";
export type { SchemaResult, StandardSchema } from "./standard-schema.ts";
export { startTimeLimit } from "./time-limit.ts";

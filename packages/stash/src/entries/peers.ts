export type { MemoryFigures } from "../adapters/memory-adapter-options.ts";
export { unlessAborted } from "../peers/bounded.ts";
export type { HandOverOptions } from "../peers/hand-over.ts";
export type { HandOverResult } from "../peers/hand-over.ts";
export {
  peersOnThisMachine,
  type PeersOnThisMachineOptions,
} from "../peers/http/peers-on-this-machine.ts";
export type {
  ListedPeersOptions,
  NamedPeersOptions,
  PeerListenOptions,
  PeersOverHttpOptions,
} from "../peers/http/peers-over-http.ts";
export { type HttpPeers, peersOverHttp } from "../peers/http/peers-over-http.ts";
export type { PeerUpgradeHandler } from "../peers/http/upgrade.ts";
export type { LookupSource } from "../peers/lookup.ts";
export {
  firstReply,
  MAX_PEER_MESSAGE_BYTES,
  NODE_NAME_CHARACTERS,
  type NodeName,
  type PeerHandler,
  type PeerNetwork,
  type PeerReply,
} from "../peers/peer-network.ts";
export type { PeerFigures } from "../peers/peered-store.ts";
export { extendSilence, type Silence } from "../peers/silence.ts";

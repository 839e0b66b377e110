export { createNatsAdapter, type NatsAdapter, type NatsFigures } from "./nats-adapter.ts";
export type { NatsAdapterOptions } from "./nats-options.ts";
export { peersOverNats, type PeersOverNatsOptions } from "./peers/peers-over-nats.ts";
export type { NatsConnectionOptions } from "./connection/connection-options.ts";

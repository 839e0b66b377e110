export { createNatsAdapter, type NatsAdapter, type NatsFigures } from "./nats-adapter.ts";
export type { NatsAdapterOptions } from "./nats-options.ts";
export { peersOverNats } from "./peers/peers-over-nats.ts";
export type { PeersOverNatsOptions } from "./peers/peers-over-nats.ts";
export type { NatsSourceOptions } from "./connection/connection-options.ts";

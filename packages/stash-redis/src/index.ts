export { createRedisAdapter } from "./redis-adapter.ts";
export type { RedisClientLike } from "./redis-client.ts";
export type { RedisDurability } from "./durability.ts";
export type { RedisAdapterOptions } from "./redis-options.ts";

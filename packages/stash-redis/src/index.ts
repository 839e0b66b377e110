export { createRedisAdapter } from "./redis-adapter.ts";
export type { GivenRedisClient } from "./redis-link.ts";
export type { RedisDurability } from "./durability.ts";
export type { RedisAdapterOptions } from "./redis-options.ts";

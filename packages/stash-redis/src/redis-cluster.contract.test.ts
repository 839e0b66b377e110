import { type RedisCluster, startRedisCluster } from "@live-stash/test-servers";
import { afterAll, beforeAll, describe } from "vitest";
import { redisContract } from "../test/redis-contract.ts";

describe("a cluster", () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(() => cluster.close());

  redisContract(
    "of three nodes",
    () => cluster,
    () => ({
      cluster: { rootNodes: cluster.urls.map((url) => ({ url })) },
    }),
  );
});

import { type NatsCluster, startNatsCluster } from "@live-stash/test-servers";
import { afterAll, beforeAll, describe } from "vitest";
import { natsContract } from "../test/nats-contract.ts";

describe("a cluster", () => {
  let cluster: NatsCluster;
  beforeAll(async () => {
    cluster = await startNatsCluster();
  });
  afterAll(() => cluster.close());

  natsContract(
    "of three servers",
    () => cluster,
    () => ({ servers: cluster.urls, replicas: 3 }),
    { timeoutMs: 2_500, hasManualClock: true },
  );
});

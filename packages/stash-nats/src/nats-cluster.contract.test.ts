import { type NatsCluster, startNatsCluster } from "@live-stash/test-servers";
import { afterAll, beforeAll, describe } from "vitest";
import { natsContract } from "../test/nats-contract.ts";
import { createNatsAdapter } from "./nats-adapter.ts";

const STREAM_LEADER = /JetStream cluster new stream leader for '\$G > ls'/;

describe("a cluster", () => {
  let cluster: NatsCluster;
  beforeAll(async () => {
    cluster = await startNatsCluster();
    const adapter = createNatsAdapter({ servers: cluster.urls, replicas: 3 });
    await adapter.connect();
    await adapter.close();
  });
  afterAll(() => cluster.close());

  natsContract(
    "of three servers",
    () => ({
      ...cluster,
      async start() {
        await cluster.start();
        // The stream has a leader of its own, and nobody answers before it is found.
        await Promise.any(cluster.servers.map((server) => server.untilLine(STREAM_LEADER)));
      },
    }),
    () => ({ servers: cluster.urls, replicas: 3 }),
    { timeoutMs: 2_500, isConnected: true, hasManualClock: true },
  );
});

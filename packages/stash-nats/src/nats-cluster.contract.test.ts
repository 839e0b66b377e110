import { type NatsCluster, startNatsCluster } from "@live-stash/test-servers";
import { afterAll, beforeAll, describe } from "vitest";
import { natsContract } from "../test/nats-contract.ts";
import { createNatsAdapter } from "./nats-adapter.ts";

/**
 * Whether outages of the whole cluster are tested too: each takes several elections. Every run tests
 * outages of one server, and those of one of three in `nats-cluster.test.ts` and `test/partition.test.ts`.
 */
const isLong = process.env["LIVE_STASH_LONG"] === "1";

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
        // The stream elects a leader of its own, and no server answers before that.
        await Promise.any(cluster.servers.map((server) => server.untilLine(STREAM_LEADER)));
      },
    }),
    () => ({ servers: cluster.urls, replicas: 3 }),
    {
      // Tests without outages may still wait for an election.
      timeoutMs: isLong ? 2_500 : 20_000,
      isConnected: true,
      hasManualClock: true,
      skipsOutages: isLong ? undefined : "it takes a minute, LIVE_STASH_LONG=1 runs it",
    },
  );
});

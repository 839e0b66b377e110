import { type NatsCluster, startNatsCluster } from "@live-stash/test-servers";
import { afterAll, beforeAll, describe } from "vitest";
import { natsContract } from "../test/nats-contract.ts";
import { createNatsAdapter } from "./nats-adapter.ts";

/**
 * The outages are several elections each. That a node survives them is tested with one server for each
 * run, and with three in `nats-cluster.test.ts` and `test/partition.test.ts`.
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
        // The stream has a leader of its own, and nobody answers before it is found.
        await Promise.any(cluster.servers.map((server) => server.untilLine(STREAM_LEADER)));
      },
    }),
    () => ({ servers: cluster.urls, replicas: 3 }),
    {
      // What is not about outages may take as long as an election.
      timeoutMs: isLong ? 2_500 : 20_000,
      isConnected: true,
      hasManualClock: true,
      skipsOutages: isLong ? undefined : "it takes a minute, LIVE_STASH_LONG=1 runs it",
    },
  );
});

import { type NatsNode, startNats } from "@live-stash/test-servers";
import { afterAll, beforeAll, describe } from "vitest";
import { natsContract } from "../test/nats-contract.ts";

describe("one server", () => {
  let server: NatsNode;
  beforeAll(async () => {
    server = await startNats();
  });
  afterAll(() => server.close());

  natsContract(
    "plain",
    () => server,
    () => ({ servers: server.url }),
  );
  natsContract(
    "encrypted",
    () => server,
    () => ({
      servers: server.url,
      stream: "encrypted",
      encrypt: true,
      secret: "a secret of the tests, not of an application",
    }),
    { hasManualClock: true, skipsOutages: "the same as with records that are not encrypted" },
  );
});

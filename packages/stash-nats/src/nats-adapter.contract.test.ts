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
});

import { type RedisServer, startRedis } from "@live-stash/test-servers";
import { afterAll, beforeAll, describe } from "vitest";
import { redisContract } from "../test/redis-contract.ts";

describe("one server", () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.close());

  redisContract(
    "plain",
    () => server,
    () => ({ url: server.url }),
  );
  redisContract(
    "encrypted",
    () => server,
    () => ({
      url: server.url,
      encrypt: true,
      secret: "a secret of the tests, not of an application",
    }),
  );
});

describe("a server with TLS, and a user with the documented permissions only", () => {
  let server: RedisServer;
  beforeAll(async () => {
    const commands = "+hello +eval +evalsha +time +get +getrange +set +pexpire +del";
    server = await startRedis({
      tls: true,
      config: ["user default off", `user app on >password ~stashes:* ${commands}`],
    });
  });
  afterAll(() => server.close());

  redisContract(
    "with a checked certificate",
    () => server,
    () => ({
      server: {
        url: server.url,
        username: "app",
        password: "password",
        socket: { tls: true, ...(server.ca === undefined ? {} : { ca: server.ca }) },
      },
      keyPrefix: "stashes:",
    }),
  );
});

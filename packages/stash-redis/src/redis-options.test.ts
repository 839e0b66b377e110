import { afterEach, expect, test, vi } from "vitest";
import { createRedisAdapter } from "./redis-adapter.ts";
import { parseRedisOptions, type RedisAdapterOptions } from "./redis-options.ts";

const url = "redis://127.0.0.1:6379";

afterEach(() => {
  vi.unstubAllEnvs();
});

test("all options but `url` have defaults", () => {
  expect(parseRedisOptions({ url })).toMatchObject({
    source: { kind: "server", options: { url } },
    isCluster: false,
    keyPrefix: "live-stash:",
    timeoutMs: 800,
    maxQueueLength: 10_000,
    maxQueueBytes: 67_108_864,
    maxRecordBytes: 4_194_304,
    sealer: undefined,
  });
});

test.each<[string, unknown]>([
  ["options", undefined],
  ["options", {}],
  ["options", { url, server: { url } }],
  ["url", { url: "http://127.0.0.1" }],
  ["url", { url: "redis://[" }],
  ["url", { url: 6379 }],
  ["server", { server: "redis://127.0.0.1" }],
  ["client", { client: {} }],
  ["timeoutMs", { url, timeoutMs: 0 }],
  ["timeoutMs", { url, timeoutMs: 2 ** 31 }],
  ["maxQueueLength", { url, maxQueueLength: 1.5 }],
  ["maxRecordBytes", { url, maxRecordBytes: 2 ** 29 }],
  ["keyPrefix", { url, keyPrefix: "x".repeat(65) }],
  ["encrypt", { url, encrypt: "yes" }],
  ["secret", { url, secret: "a secret that is not used for anything" }],
  ["secret", { url, encrypt: true, secret: "short" }],
  ["clock", { url, clock: {} }],
  ["timeoutms", { url, timeoutms: 5 }],
])("createRedisAdapter() rejects an invalid option `%s`: %j", (option, options) => {
  expect(() => createRedisAdapter(options as RedisAdapterOptions)).toThrow(
    expect.objectContaining({
      code: "invalid_option",
      message: expect.stringContaining(`invalid option "${option}": expected `) as string,
    }),
  );
});

test("the error for an invalid URL or client option does not quote its value", () => {
  const secret = "p4ssw0rd";
  const wrong: RedisAdapterOptions[] = [
    { url: `http://app:${secret}@127.0.0.1` },
    { server: { url: `amqp://app:${secret}@127.0.0.1` } },
    { server: { url: `redis://app:${secret}@127.0.0.1`, socket: { tls: true } } },
  ];
  for (const options of wrong) {
    let thrown: unknown;
    try {
      createRedisAdapter(options);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: "invalid_option" });
    expect(thrown).not.toHaveProperty("cause");
    expect(String(thrown)).not.toContain(secret);
  }
});

test("encryption uses LIVE_STASH_SECRET by default, and requires a secret in production", () => {
  vi.stubEnv("LIVE_STASH_SECRET", "");
  vi.stubEnv("NODE_ENV", "production");
  expect(() => parseRedisOptions({ url, encrypt: true })).toThrow(
    expect.objectContaining({ code: "missing_secret" }),
  );
  vi.stubEnv("LIVE_STASH_SECRET", "a secret of the tests of this adapter");
  expect(parseRedisOptions({ url, encrypt: true }).sealer).toBeDefined();
});

import { afterEach, expect, test, vi } from "vitest";
import { createNatsAdapter } from "./nats-adapter.ts";
import { type NatsAdapterOptions, parseNatsOptions } from "./nats-options.ts";
import { peersOverNats, type PeersOverNatsOptions } from "./peers/peers-over-nats.ts";

const servers = "nats://127.0.0.1:4222";

afterEach(() => {
  vi.unstubAllEnvs();
});

test("the address of a server is the only required option", () => {
  expect(parseNatsOptions({ servers })).toMatchObject({
    source: { kind: "own", options: { servers: [servers], inboxPrefix: "ls.i" } },
    stream: "ls",
    replicas: undefined,
    storage: "memory",
    maxTtlMs: 3_600_000,
    timeoutMs: 800,
    maxQueueLength: 10_000,
    maxRecordBytes: 262_144,
    sealer: undefined,
  });
});

test("further options of the client are passed on, and the login options take precedence over them", () => {
  const { source } = parseNatsOptions({
    servers: [servers, "10.0.0.1:4222"],
    user: "app",
    pass: "password",
    connect: { name: "shop", noRandomize: true },
  });
  expect(source).toMatchObject({
    options: { servers: [servers, "10.0.0.1:4222"], user: "app", pass: "password", name: "shop" },
  });
});

test.each<[string, unknown]>([
  ["options", undefined],
  ["options", "nats://user:p4ssw0rd@127.0.0.1:4222"],
  ["options", {}],
  ["options", { servers, connection: { publish() {} } }],
  ["servers", { servers: [] }],
  ["servers", { servers: "nats://user:p4ssw0rd@127.0.0.1:4222" }],
  ["servers", { servers: 4222 }],
  ["connection", { connection: {} }],
  ["token", { connection: { publish() {} }, token: "token" }],
  ["token", { servers, token: "" }],
  ["connect", { servers, connect: "fast" }],
  ["stream", { servers, stream: "a.b" }],
  ["stream", { servers, stream: "x".repeat(33) }],
  ["replicas", { servers, replicas: 6 }],
  ["storage", { servers, storage: "disk" }],
  ["maxTtlMs", { servers, maxTtlMs: 0 }],
  ["timeoutMs", { servers, timeoutMs: 2 ** 31 }],
  ["maxQueueLength", { servers, maxQueueLength: 1.5 }],
  ["maxRecordBytes", { servers, maxRecordBytes: 2_000_000 }],
  ["encrypt", { servers, encrypt: "yes" }],
  ["secret", { servers, secret: "a secret that is not used for anything" }],
  ["secret", { servers, encrypt: true, secret: "short" }],
  ["clock", { servers, clock: {} }],
  ["url", { url: servers }],
])("createNatsAdapter() throws for an invalid option `%s`: %j", (option, options) => {
  let thrown: unknown;
  try {
    createNatsAdapter(options as NatsAdapterOptions);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ code: "invalid_option" });
  expect(String(thrown)).toContain(`createNatsAdapter(): invalid option "${option}"`);
  expect(String(thrown)).not.toContain("p4ssw0rd");
});

test.each<[string, unknown]>([
  ["options", null],
  ["options", {}],
  ["prefix", { servers, prefix: "a b" }],
  ["secret", { servers, secret: "short" }],
  ["stream", { servers, stream: "ls" }],
])("peersOverNats() throws for an invalid option `%s`: %j", (option, options) => {
  expect(() => peersOverNats(options as PeersOverNatsOptions)).toThrow(
    expect.objectContaining({
      code: "invalid_option",
      message: expect.stringContaining(`peersOverNats(): invalid option "${option}"`) as string,
    }),
  );
});

test("encryption takes its secret from the environment, and throws in production if there is none", () => {
  vi.stubEnv("LIVE_STASH_SECRET", "");
  vi.stubEnv("NODE_ENV", "production");
  const missing = expect.objectContaining({ code: "missing_secret" }) as object;
  expect(() => parseNatsOptions({ servers, encrypt: true })).toThrow(missing);
  expect(() => peersOverNats({ servers })).toThrow(missing);
  vi.stubEnv("LIVE_STASH_SECRET", "a secret of the tests of this adapter");
  expect(parseNatsOptions({ servers, encrypt: true }).sealer).toBeDefined();
});

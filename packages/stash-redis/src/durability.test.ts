import { startRedisCluster } from "@live-stash/test-servers";
import { createClient, createClientPool } from "redis";
import { expect, test, vi } from "vitest";
import { createCloser } from "../../stash-contract/test/create-closer.ts";
import { creation, keeping, loading, newId } from "../../stash-contract/test/requests.ts";
import { callsOf, PATIENT, SOON, useRedisLab } from "../test/redis-lab.ts";
import { askRedis, useReplicatedRedis } from "../test/replicated-redis.ts";
import { createRedisAdapter } from "./redis-adapter.ts";
import type { RedisAdapterOptions } from "./redis-options.ts";

const openLab = useRedisLab();
const openReplicated = useReplicatedRedis();
const willClose = createCloser();

function open(options: RedisAdapterOptions) {
  const adapter = createRedisAdapter(options);
  return willClose(adapter, () => adapter.close());
}

/** Resolves with the answer of a call, or with the code of its error. */
async function answerOf(call: unknown): Promise<unknown> {
  try {
    return await call;
  } catch (error) {
    return (error as { code?: string }).code ?? error;
  }
}

test("by default, a save that no replica has is acknowledged, and a failover loses it", async () => {
  const redis = await openReplicated();
  const adapter = open({ url: redis.url, ...PATIENT });
  const id = newId();
  await adapter.load(loading(newId()));
  redis.replication.pause("toClient");
  expect(await adapter.save(creation(id))).toEqual({ status: "saved" });

  await redis.failOver();
  await vi.waitFor(
    async () => expect(await adapter.load(loading(id))).toEqual({ status: "absent" }),
    SOON,
  );
});

test("with `durability`, a save that no replica has rejects, and acknowledged saves survive a failover", async () => {
  const redis = await openReplicated();
  const adapter = open({
    url: redis.url,
    timeoutMs: 10_000,
    durability: { replicas: 1, timeoutMs: 5_000 },
  });
  const [kept, lost] = [newId(), newId()];
  expect(await adapter.save(creation(kept))).toEqual({ status: "saved" });
  const later = Buffer.from("later");
  expect(await adapter.save(creation(kept, { record: later }))).toEqual({ status: "saved" });
  const impatient = open({
    url: redis.url,
    ...PATIENT,
    durability: { replicas: 1, timeoutMs: 100 },
  });
  redis.replication.pause("toClient");
  await expect(impatient.save(creation(lost))).rejects.toMatchObject({
    code: "adapter_timeout",
    message: expect.stringMatching(
      /durability.* within 100 ms, got confirmations from 0 of 1 replicas/,
    ) as string,
  });

  await redis.failOver();
  await vi.waitFor(
    async () =>
      expect(await adapter.load(loading(kept))).toEqual({ status: "loaded", record: later }),
    SOON,
  );
  expect(await adapter.load(loading(lost))).toEqual({ status: "absent" });
});

test("loads and keep-alives do not wait for replicas that are down", async () => {
  const redis = await openReplicated();
  const adapter = open({
    url: redis.url,
    timeoutMs: 60_000,
    durability: { replicas: 1, timeoutMs: 59_000 },
  });
  const id = newId();
  await adapter.save(creation(id));
  redis.replication.pause("toClient");
  let isSettled = false;
  const saving = answerOf(adapter.save(creation(id, { record: Buffer.from("later") }))).finally(
    () => {
      isSettled = true;
    },
  );

  expect(await adapter.keepAlive([keeping(id)])).toEqual(["kept"]);
  expect(await adapter.load(loading(id))).toMatchObject({ status: "loaded" });
  expect(isSettled).toBe(false);
  redis.replication.resume("toClient");
  expect(await saving).toEqual({ status: "saved" });
});

test("saves that arrive while others wait for replicas share the next wait, and each gets its own answer", async () => {
  const redis = await openReplicated();
  const adapter = open({ url: redis.url, ...PATIENT, durability: { replicas: 1 } });
  const client = createClient({ url: redis.primary.url });
  await client.connect();
  willClose(client, () => client.destroy());
  const others = newId();
  await adapter.save(creation(others, { owner: "0000000000another" }));
  await client.configResetStat();

  const answers = await Promise.all([
    adapter.save(creation(newId())),
    ...Array.from({ length: 30 }, async () => adapter.save(creation(newId()))),
    adapter.save(creation(others)),
    adapter.save(creation(newId(), { create: false })),
  ]);
  expect(answers.slice(0, 31)).toEqual(answers.slice(0, 31).map(() => ({ status: "saved" })));
  expect(answers.slice(31)).toEqual([{ status: "not_owner" }, { status: "absent" }]);
  expect(await callsOf(client, "wait")).toBe(2);
  expect(await callsOf(client, "evalsha")).toBe(2);
});

test("a save that replicas never confirm ends within timeoutMs, also behind other waiting saves", async () => {
  const redis = await openReplicated();
  const adapter = open({
    url: redis.url,
    timeoutMs: 300,
    durability: { replicas: 1, timeoutMs: 200 },
  });
  await vi.waitFor(async () => {
    expect(await adapter.save(creation(newId()))).toEqual({ status: "saved" });
  }, SOON);
  redis.replication.pause("toClient");
  const codes: unknown[] = [];
  for (let round = 0; round < 3; round += 1) {
    codes.push(
      ...(await Promise.all([1, 2, 3].map(() => answerOf(adapter.save(creation(newId())))))),
    );
  }
  expect(codes.filter((code) => !/^adapter_(timeout|unavailable)$/.test(String(code)))).toEqual([]);
  redis.replication.resume("toClient");
  await vi.waitFor(async () => {
    expect(await adapter.save(creation(newId()))).toEqual({ status: "saved" });
  }, SOON);
});

test("a client or a pool of the application sends a save and its WAIT over one connection", async () => {
  const redis = await openReplicated();
  const client = createClient({ url: redis.url });
  await client.connect();
  willClose(client, () => client.destroy());
  const pool = createClientPool({ url: redis.url }, { minimum: 3, maximum: 3 });
  await pool.connect();
  willClose(pool, () => pool.destroy());
  for (const given of [client, pool]) {
    const adapter = open({ client: given, ...PATIENT, durability: { replicas: 1 } });
    const ids = Array.from({ length: 10 }, newId);
    const saved = await Promise.all(ids.map(async (id) => adapter.save(creation(id))));
    expect(saved).toEqual(ids.map(() => ({ status: "saved" })));
    const impatient = open({
      client: given,
      ...PATIENT,
      durability: { replicas: 2, timeoutMs: 50 },
    });
    const codes = await Promise.all(ids.map(() => answerOf(impatient.save(creation(newId())))));
    expect(codes).toEqual(ids.map(() => "adapter_timeout"));
  }
});

test("in a cluster, each save waits for the replicas of the node that has its key", async () => {
  const cluster = await startRedisCluster();
  willClose(cluster, () => cluster.close());
  const [first] = cluster.nodes;
  if (first === undefined) throw new Error("Expected a node.");
  const replica = await cluster.addReplica(first);
  willClose(replica, () => replica.close());
  const rootNodes = cluster.urls.map((url) => ({ url }));
  const adapter = open({
    cluster: { rootNodes },
    ...PATIENT,
    durability: { replicas: 1, timeoutMs: 100 },
  });

  const answers = await Promise.all(
    Array.from({ length: 30 }, () => answerOf(adapter.save(creation(newId())))),
  );
  const confirmed = answers.filter((answer) => answer !== "adapter_timeout");
  expect(confirmed).toEqual(confirmed.map(() => ({ status: "saved" })));
  // About two thirds of the keys are at the two nodes without a replica.
  expect(confirmed.length).toBe(Number(await askRedis(first, "DBSIZE")));
  expect(confirmed.length).toBeLessThan(answers.length);
});

test("in a cluster, a save of a key that has moved is sent and confirmed at its new node", async () => {
  const cluster = await startRedisCluster();
  willClose(cluster, () => cluster.close());
  const replicas = [];
  for (const node of cluster.nodes) {
    const replica = await cluster.addReplica(node);
    replicas.push(willClose(replica, () => replica.close()));
  }
  const rootNodes = cluster.urls.map((url) => ({ url }));
  const adapter = open({ cluster: { rootNodes }, ...PATIENT, durability: { replicas: 1 } });
  const ids = Array.from({ length: 60 }, newId);
  const saveAll = (): Promise<unknown[]> =>
    Promise.all(ids.map(async (id) => adapter.save(creation(id))));
  await saveAll();

  await cluster.moveSlots(4_000);
  expect(await saveAll()).toEqual(ids.map(() => ({ status: "saved" })));
});

test("the error for a user without permission for WAIT names the missing permission", async () => {
  const rights = "+hello +eval +evalsha +time +get +getrange +set +pexpire +del";
  const user = `user app on >password ~live-stash:* ${rights}`;
  const { redis } = await openLab({}, { config: [user, `${user.replace("app", "other")} +wait`] });
  const adapterOf = (name: string) =>
    open({
      url: `redis://${name}:password@127.0.0.1:${redis.port}`,
      timeoutMs: 10_000,
      durability: { replicas: 1, timeoutMs: 50 },
    });
  await expect(adapterOf("app").save(creation(newId()))).rejects.toMatchObject({
    code: "adapter_unavailable",
    message: expect.stringMatching(/NOPERM\. Grant.*docs\/redis\.md/) as string,
  });
  expect(await answerOf(adapterOf("other").save(creation(newId())))).toBe("adapter_timeout");
});

test.each([
  ["lost without persistence", ["appendonly no"], "absent"],
  ["lost if they are newer than the last snapshot", ["save 3600 1"], "absent"],
  ["kept with appendfsync no", ["appendonly yes", "appendfsync no"], "loaded"],
  ["kept with appendfsync everysec", ["appendonly yes", "appendfsync everysec"], "loaded"],
  ["kept with appendfsync always", ["appendonly yes", "appendfsync always"], "loaded"],
])("after kill -9, acknowledged saves are %s", async (_, config, status) => {
  const { redis, adapter } = await openLab({}, { config });
  const ids = Array.from({ length: 20 }, newId);
  const saved = await Promise.all(ids.map(async (id) => adapter.save(creation(id))));
  expect(saved).toEqual(ids.map(() => ({ status: "saved" })));
  await redis.stop("SIGKILL");
  await redis.start();

  await vi.waitFor(async () => {
    const loaded = await Promise.all(ids.map(async (id) => adapter.load(loading(id))));
    expect(loaded.map((outcome) => outcome.status)).toEqual(ids.map(() => status));
  }, SOON);
});

test.each([
  ["durability", { durability: 1 }],
  ["durability", { durability: {} }],
  ["durability", { durability: { fsync: "everywhere" } }],
  ["durability.replicas", { durability: { replicas: 0.5 } }],
  ["durability.fsync", { durability: { fsync: true } }],
  ["durability.timeoutMs", { durability: { replicas: 1, timeoutMs: 800 } }],
  ["durability.replica", { durability: { replica: 1 } }],
])("createRedisAdapter() rejects an invalid option `%s`: %j", (option, options) => {
  const all = { url: "redis://127.0.0.1:1", ...options } as unknown as RedisAdapterOptions;
  expect(() => createRedisAdapter(all)).toThrow(
    expect.objectContaining({
      code: "invalid_option",
      message: expect.stringContaining(`invalid option "${option}": expected `) as string,
    }),
  );
});

test("with durability.fsync, saves to a server that cannot sync reject with the reason", async () => {
  const { adapter, client } = await openLab({ durability: { fsync: "local" } });
  const [version = ""] = /(?<=redis_version:)[\d.]+/.exec(await client.info("server")) ?? [];
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const knowsWaitAof = major > 7 || (major === 7 && minor >= 2);
  await expect(adapter.save(creation(newId()))).rejects.toMatchObject({
    code: "adapter_unavailable",
    message: expect.stringMatching(
      knowsWaitAof
        ? /appendonly yes.*durability\.fsync/
        : /knows WAITAOF.*Redis 7\.2, Valkey or newer/,
    ) as string,
  });
  if (!knowsWaitAof) return;
  await client.configSet("appendonly", "yes");
  await vi.waitFor(async () => {
    expect(await adapter.save(creation(newId()))).toEqual({ status: "saved" });
  }, SOON);
});

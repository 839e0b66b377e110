import { startRedisCluster } from "@live-stash/test-servers";
import type { StashAdapter } from "live-stash/adapter";
import { describe, expect, test, vi } from "vitest";
import { createCloser } from "../../stash-contract/test/create-closer.ts";
import { creation, keeping, loading, newId, ONE, TWO } from "../../stash-contract/test/requests.ts";
import { PATIENT, SOON, useRedisLab } from "../test/redis-lab.ts";
import { askRedis, useReplicatedRedis } from "../test/replicated-redis.ts";
import { createRedisAdapter } from "./redis-adapter.ts";
import type { RedisAdapterOptions } from "./redis-options.ts";

const openLab = useRedisLab();
const openReplicated = useReplicatedRedis();
const willClose = createCloser();

function open(options: RedisAdapterOptions): StashAdapter {
  const adapter = createRedisAdapter({ ...PATIENT, ...options });
  return willClose(adapter, () => adapter.close());
}

/** Resolves with the error of a call as text, or with its answer if it does not fail. */
async function failureOf(call: () => unknown): Promise<string> {
  try {
    return `answered ${JSON.stringify(await call())}`;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return `${String(code)}: ${message}`;
  }
}

/** Makes each call that could answer `absent` for a stash that the server does not have. */
async function answersAbout(adapter: StashAdapter, id: string): Promise<string[]> {
  return [
    await failureOf(() => adapter.load(loading(id))),
    await failureOf(() => adapter.save(creation(id, { create: false }))),
    await failureOf(() => adapter.keepAlive([keeping(id)])),
    await failureOf(() => adapter.forget({ id, owner: ONE })),
  ];
}

/** Makes each call that could answer `not_owner`. */
async function answersOf(adapter: StashAdapter, id: string, owner: string): Promise<string[]> {
  return [
    await failureOf(() => adapter.save(creation(id, { owner, create: false }))),
    await failureOf(() => adapter.keepAlive([keeping(id, { owner })])),
    await failureOf(() => adapter.forget({ id, owner })),
  ];
}

describe("a server that may be out of date is not trusted", () => {
  test("a replica that lags behind causes an error instead of `absent` or `not_owner`", async () => {
    const redis = await openReplicated();
    const adapter = open({ url: redis.url });
    const [known, moved, missed] = [newId(), newId(), newId()];
    for (const id of [known, moved]) await adapter.save(creation(id));
    await askRedis(redis.primary, "WAIT", "1", "0");
    redis.replication.pause("toClient");
    await adapter.save(creation(missed));
    expect(await adapter.load(loading(moved))).toMatchObject({ status: "loaded" });
    redis.network.retarget(redis.replica.port);
    redis.network.cut();

    // Until the adapter has reconnected, calls reject because the connection was cut.
    await vi.waitFor(async () => {
      expect(await failureOf(() => adapter.load(loading(missed)))).toContain("READONLY");
    }, SOON);
    for (const answer of await answersAbout(adapter, missed)) {
      expect(answer).toMatch(/^adapter_unavailable: .*(READONLY|connection)/);
    }
    for (const answer of await answersOf(adapter, moved, TWO)) {
      expect(answer).toMatch(/^adapter_unavailable: .*(READONLY|connection)/);
    }
    expect(await failureOf(() => adapter.load(loading(known)))).toContain("adapter_unavailable");
  });

  test("a primary without its replicas causes an error instead of `absent` or `not_owner`, if min-replicas-to-write is set", async () => {
    const { adapter, client } = await openLab();
    const id = newId();
    await adapter.save(creation(id));
    await client.configSet("min-replicas-to-write", "1");

    for (const answer of await answersAbout(adapter, newId())) {
      expect(answer).toMatch(/^adapter_unavailable: .*NOREPLICAS/);
    }
    for (const answer of await answersOf(adapter, id, TWO)) {
      expect(answer).toMatch(/^adapter_unavailable: .*NOREPLICAS/);
    }
    await client.configSet("min-replicas-to-write", "0");
    expect(await adapter.load(loading(newId()))).toEqual({ status: "absent" });
  });

  test("a server whose disk fails causes an error instead of `absent`", async () => {
    const { adapter, client } = await openLab(
      {},
      {
        config: ["enable-protected-configs yes", "save 3600 1000000"],
      },
    );
    await client.configSet("dir", "/proc");
    await client.sendCommand(["BGSAVE"]);
    await vi.waitFor(async () => {
      expect(await client.info("persistence")).toContain("rdb_last_bgsave_status:err");
    }, SOON);

    for (const answer of await answersAbout(adapter, newId())) {
      expect(answer).toMatch(/^adapter_unavailable: .*MISCONF/);
    }
  });

  test("a server that is loading its data causes an error instead of `absent`", async () => {
    const { adapter, client } = await openLab({}, { config: ["enable-debug-command yes"] });
    const ids = Array.from({ length: 20 }, newId);
    for (const id of ids) await adapter.save(creation(id));
    await client.configSet("loading-process-events-interval-bytes", "1024");
    await client.configSet("key-load-delay", "20000");
    let isLoading = true;
    const loaded = client.sendCommand(["DEBUG", "RELOAD"]).finally(() => {
      isLoading = false;
    });

    const answers: string[] = [];
    while (isLoading) {
      const id = ids[answers.length % ids.length] ?? "";
      answers.push(await failureOf(() => adapter.load(loading(id, { owner: ONE }))));
    }
    await loaded;
    expect(answers.filter((answer) => answer.includes("absent"))).toEqual([]);
    expect(answers.filter((answer) => answer.includes("LOADING"))).not.toEqual([]);
  });

  test("a cluster that does not serve a slot causes an error instead of `absent`", async () => {
    const cluster = await startRedisCluster();
    willClose(cluster, () => cluster.close());
    const adapter = open({ cluster: { rootNodes: cluster.urls.map((url) => ({ url })) } });
    await adapter.save(creation(newId()));
    for (const node of cluster.nodes) {
      await askRedis(node, "CONFIG", "SET", "cluster-require-full-coverage", "no");
      for (const range of await slotsOf(node)) {
        await askRedis(node, "CLUSTER", "DELSLOTSRANGE", ...range);
      }
    }

    for (const answer of await answersAbout(adapter, newId())) {
      expect(answer).toMatch(/^adapter_(unavailable|timeout): /);
    }
  });

  test("a connection that is cut in the middle causes an error, never `absent`", async () => {
    const redis = await openReplicated();
    const adapter = open({ url: redis.url });
    const ids = Array.from({ length: 10 }, newId);
    for (const id of ids) await adapter.save(creation(id));
    const answers: string[] = [];
    for (let round = 0; round < 20; round += 1) {
      const loads = ids.map((id) => failureOf(() => adapter.load(loading(id, { owner: ONE }))));
      if (round % 2 === 0) redis.network.cut();
      else setImmediate(() => redis.network.cut());
      answers.push(...(await Promise.all(loads)));
    }
    expect(answers.filter((answer) => !/^(answered .*loaded|adapter_)/.test(answer))).toEqual([]);
  });
});

describe("a server that may write is trusted", () => {
  test("a server without free memory still answers `absent` and `not_owner`", async () => {
    const { adapter, client } = await openLab();
    const id = newId();
    await adapter.save(creation(id));
    await client.configSet("maxmemory", "100kb");

    expect(await answersAbout(adapter, newId())).toEqual([
      'answered {"status":"absent"}',
      'answered {"status":"absent"}',
      'answered ["absent"]',
      'answered "absent"',
    ]);
    expect(await answersOf(adapter, id, TWO)).toEqual([
      'answered {"status":"not_owner"}',
      'answered ["not_owner"]',
      'answered "not_owner"',
    ]);
  });

  test("calls that answer `absent` or `not_owner` change nothing in Redis", async () => {
    const { adapter, client } = await openLab();
    const id = newId();
    await adapter.save(creation(id, { expiresAtMs: Date.now() + 600_000 }));
    const [key = ""] = await client.keys("*");
    const before = await client.get(key);
    const expiresAt = await client.pExpireTime(key);
    await client.configResetStat();

    await answersAbout(adapter, newId());
    await answersOf(adapter, id, TWO);
    expect([await client.get(key), await client.pExpireTime(key)]).toEqual([before, expiresAt]);
    expect(await client.keys("*")).toEqual([key]);
  });
});

describe("a stash that Redis loses under a connected view", () => {
  test.each([
    ["after FLUSHALL", async (lab: Lab) => void (await lab.client.flushAll())],
    [
      "after a restart without persistence",
      async ({ redis }: Lab) => {
        await redis.stop("SIGKILL");
        await redis.start();
      },
    ],
    [
      "after an eviction",
      async ({ client }: Lab) => {
        await client.configSet("maxmemory-policy", "allkeys-lru");
        await client.configSet("maxmemory", "1");
        await vi.waitFor(async () => {
          await client.set("another", "value").catch(() => {});
          expect(await client.dbSize()).toBe(0);
        }, SOON);
        await client.configSet("maxmemory", "0");
      },
    ],
  ])("is `absent` to keep-alives and saves %s, and can be created again", async (_, lose) => {
    const lab = await openLab();
    const { adapter } = lab;
    const id = newId();
    await adapter.save(creation(id));
    expect(await adapter.keepAlive([keeping(id)])).toEqual(["kept"]);
    await lose(lab);

    await vi.waitFor(async () => {
      expect(await adapter.keepAlive([keeping(id)])).toEqual(["absent"]);
    }, SOON);
    expect(await adapter.save(creation(id, { create: false }))).toEqual({ status: "absent" });
    expect(await adapter.save(creation(id))).toEqual({ status: "saved" });
    expect(await adapter.keepAlive([keeping(id)])).toEqual(["kept"]);
  });
});

test("a process that was suspended longer than timeoutMs accepts the replies that Redis sent meanwhile", async () => {
  const { adapter, redis } = await openLab({ timeoutMs: 300 });
  const second = open({ url: redis.url, timeoutMs: 300 });
  const ids = Array.from({ length: 20 }, newId);
  for (const id of ids) await adapter.save(creation(id));
  await second.load(loading(newId()));

  for (const each of [adapter, second]) {
    const loads = ids.map(async (id) => each.load(loading(id, { owner: ONE })));
    const saves = ids.map(async (id) => each.save(creation(id)));
    // The commands are written at the end of this tick, before the process stops.
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    blockProcess(1_200);
    expect((await Promise.all(loads)).map(({ status }) => status)).toEqual(ids.map(() => "loaded"));
    expect((await Promise.all(saves)).map(({ status }) => status)).toEqual(ids.map(() => "saved"));
  }
});

type Lab = Awaited<ReturnType<typeof openLab>>;

function blockProcess(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Returns the ranges of slots that a node serves. */
async function slotsOf(node: Parameters<typeof askRedis>[0]): Promise<[string, string][]> {
  const id = String(await askRedis(node, "CLUSTER", "MYID"));
  const line = String(await askRedis(node, "CLUSTER", "NODES"))
    .split("\n")
    .find((each) => each.startsWith(id));
  const ranges = (line ?? "").split(" ").slice(8);
  return ranges.map((range) => {
    const [from = "", to = from] = range.split("-");
    return [from, to];
  });
}

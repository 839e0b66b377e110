import { mkdtempSync, rmSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { startRedis, startRedisCluster, startRedisSentinel } from "@live-stash/test-servers";
import { describe, expect, test, vi } from "vitest";
import { createCloser } from "../../stash-contract/test/create-closer.ts";
import { creation, loading, newId, RECORD } from "../../stash-contract/test/requests.ts";
import { PATIENT, SOON } from "../test/redis-lab.ts";
import { createRedisAdapter } from "./redis-adapter.ts";
import type { RedisAdapterOptions } from "./redis-options.ts";

const USER = "user app on >p@ss/w:rd ~* +@all";
const LOGIN = `app:${encodeURIComponent("p@ss/w:rd")}@`;
const CREDENTIALS = { username: "app", password: "p@ss/w:rd" };
const ONLY_USER = ["user default off", USER];

const willClose = createCloser();
const hasIPv6 = Object.values(networkInterfaces())
  .flat()
  .some((each) => each?.address === "::1");

async function savesAndLoads(options: RedisAdapterOptions): Promise<void> {
  const adapter = createRedisAdapter({ ...PATIENT, ...options });
  willClose(adapter, () => adapter.close());
  const ids = Array.from({ length: 10 }, newId);
  for (const id of ids) {
    expect(await adapter.save(creation(id))).toEqual({ status: "saved" });
    expect(await adapter.load(loading(id))).toEqual({ status: "loaded", record: RECORD });
  }
}

describe.skipIf(!hasIPv6)("on an IPv6 address", () => {
  test("the adapter reaches a server by URL and by options, with and without a user and password", async () => {
    const open = await startRedis({ host: "::1" });
    willClose(open, () => open.close());
    const closed = await startRedis({ host: "::1", config: ONLY_USER });
    willClose(closed, () => closed.close());
    expect(open.url).toBe(`redis://[::1]:${open.port}`);

    await savesAndLoads({ url: open.url });
    await savesAndLoads({ server: { socket: { host: "::1", port: open.port } } });
    await savesAndLoads({ url: `redis://${LOGIN}[::1]:${closed.port}/0` });
    await savesAndLoads({ server: { url: closed.url, ...CREDENTIALS } });
    await savesAndLoads({
      server: { ...CREDENTIALS, socket: { host: "::1", port: closed.port } },
    });
  });

  test("the adapter reaches a server over TLS whose certificate names the address", async () => {
    const redis = await startRedis({ host: "::1", tls: true, config: ONLY_USER });
    willClose(redis, () => redis.close());
    const socket = { tls: true, ca: redis.ca ?? "" } as const;

    await savesAndLoads({ server: { url: `rediss://${LOGIN}[::1]:${redis.port}`, socket } });
  });

  test("the adapter reaches a cluster through the addresses that its nodes announce", async () => {
    const cluster = await startRedisCluster({ host: "::1", config: [USER] });
    willClose(cluster, () => cluster.close());
    const [first = ""] = cluster.urls;

    await savesAndLoads({ cluster: { rootNodes: [{ url: first }] } });
    await savesAndLoads({ cluster: { rootNodes: [{ url: first }], defaults: CREDENTIALS } });
    await savesAndLoads({
      cluster: {
        rootNodes: [{ url: first.replace("//", `//${LOGIN}`) }],
        defaults: CREDENTIALS,
      },
    });
  });

  test("the adapter reaches a primary behind sentinels, also after a failover", async () => {
    const sentinel = await startRedisSentinel({ host: "::1", config: [USER] });
    willClose(sentinel, () => sentinel.close());
    const { name, port } = sentinel;
    const options = {
      name,
      sentinelRootNodes: [{ host: "::1", port }],
      nodeClientOptions: CREDENTIALS,
    };
    await savesAndLoads({ sentinel: options });

    const failedOver = sentinel.untilFailedOver();
    await sentinel.primary.stop();
    await failedOver;
    await vi.waitFor(() => savesAndLoads({ sentinel: options, timeoutMs: 2_000 }), SOON);
  });
});

describe("on a Unix socket", () => {
  test("the adapter reaches a server by URL and by options, with and without a user and password", async () => {
    const folder = mkdtempSync(join(tmpdir(), "live-stash socket "));
    willClose(folder, () => rmSync(folder, { recursive: true, force: true }));
    const [open, closed] = [join(folder, "open.sock"), join(folder, "closed.sock")];
    for (const [path, config] of [
      [open, []],
      [closed, ONLY_USER],
    ] as const) {
      const redis = await startRedis({ config: [`unixsocket "${path}"`, ...config] });
      willClose(redis, () => redis.close());
    }

    await savesAndLoads({ url: `unix://${encodeURI(open)}` });
    await savesAndLoads({ server: { socket: { path: open, tls: false } } });
    await savesAndLoads({ url: `unix://${LOGIN}${encodeURI(closed)}` });
    await savesAndLoads({ server: { url: `unix://${LOGIN}${encodeURI(closed)}` } });
    await savesAndLoads({ server: { ...CREDENTIALS, socket: { path: closed, tls: false } } });
  });

  test("the error for a wrong password does not contain it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "live-stash-socket-"));
    willClose(folder, () => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, "redis.sock");
    const redis = await startRedis({ config: [`unixsocket ${path}`, ...ONLY_USER] });
    willClose(redis, () => redis.close());
    const adapter = createRedisAdapter({ url: `unix://app:wr0ng@${path}`, timeoutMs: 500 });
    willClose(adapter, () => adapter.close());

    const error: unknown = await Promise.resolve(adapter.load(loading(newId()))).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: "adapter_unavailable" });
    expect(JSON.stringify([String(error), error, String((error as Error).cause)])).not.toContain(
      "wr0ng",
    );
  });
});

describe("by announced host names", () => {
  test("the adapter reaches a cluster", async () => {
    const cluster = await startRedisCluster({
      config: ["cluster-announce-hostname localhost", "cluster-preferred-endpoint-type hostname"],
    });
    willClose(cluster, () => cluster.close());

    await savesAndLoads({ cluster: { rootNodes: cluster.urls.map((url) => ({ url })) } });
  });
});

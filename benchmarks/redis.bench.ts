import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createRedisAdapter } from "@live-stash/redis";
import { startRedis, startRedisCluster } from "@live-stash/test-servers";
import { recoverState, stash } from "live-stash";
import type { KeepAliveRequest, StashAdapter } from "live-stash/adapter";
import { createClient } from "redis";
import { type BenchRow, benchRow, formatRows } from "./bench-row.ts";
import { measureAgainst, type Medians } from "./measure.ts";
import { type BenchPage, createHook, createPage, stateAfter } from "./redis/bench-page.ts";
import { countWrites } from "./redis/count-writes.ts";

const CONCURRENCIES = [1, 64];
const SAMPLES = 61;
const WARM_UP_SAMPLES = 20;
/** Long samples, so that short interruptions of the machine matter little. */
const CALLS_PER_SAMPLE = 256;
const STASHES = 20_000;
const KEPT_ALIVE = 10_000;
const TTL_MS = 300_000;
const OWNER = "0000000000AAAAAAAAAAAAAAAA.1a";
const NO_ADAPTER_DATA = new Uint8Array(0);

type Client = ReturnType<typeof createClient>;
type Work = (index: number) => Promise<unknown>;

const newId = (): string => randomBytes(16).toString("base64url");
const expiresAtMs = (): number => Date.now() + TTL_MS;

/** Times rounds of `concurrency` simultaneous calls. */
function compare(concurrency: number, subject: Work, control: Work): Promise<Medians> {
  const contender = (work: Work) => ({
    prepare: (runs: number) => Array.from({ length: runs }),
    run: () => Promise.all(Array.from({ length: concurrency }, (_, index) => work(index))),
  });
  return measureAgainst(contender(subject), contender(control), {
    samples: SAMPLES,
    runsPerSample: Math.ceil(CALLS_PER_SAMPLE / concurrency),
    warmUpSamples: WARM_UP_SAMPLES,
  });
}

/**
 * Compares the adapter with `SET` and `GET` of the same bytes, on the same client. By default the client
 * creates a timeout for each command, which the adapter does not need. A second control has no timeouts.
 */
async function measureRoundTrips(url: string, record: Uint8Array): Promise<readonly BenchRow[]> {
  const client: Client = createClient({ url });
  await client.connect();
  const adapter = createRedisAdapter({ client });
  const ids = Array.from({ length: Math.max(...CONCURRENCIES) }, newId);
  const idOf = (index: number): string => ids[index] ?? "";
  for (const id of ids) {
    const create = { id, owner: OWNER, record, create: true, expiresAtMs: expiresAtMs() };
    assert.deepEqual(await adapter.save(create), { status: "saved" });
  }
  const bare = Buffer.from(record);
  const [key] = await client.keys("live-stash:*");
  const rows = [
    benchRow("Redis: value of the 5 KB map", await client.strLen(key ?? ""), "bytes", 450),
  ];
  const set: Work = (index) => client.set(`bare:${idOf(index)}`, bare);
  const lean = client.withCommandOptions({ timeout: 0 });
  const leanSet: Work = (index) => lean.set(`bare:${idOf(index)}`, bare);
  const get: Work = (index) => client.get(`bare:${idOf(index)}`);
  const save: Work = async (index) =>
    adapter.save({
      id: idOf(index),
      owner: OWNER,
      record,
      create: false,
      expiresAtMs: expiresAtMs(),
    });
  const load: Work = async (index) =>
    adapter.load({
      id: idOf(index),
      owner: OWNER,
      adapterData: NO_ADAPTER_DATA,
      expiresAtMs: expiresAtMs(),
    });
  for (const concurrency of CONCURRENCIES) {
    const at = `at ${concurrency} at once`;
    const saving = await compare(concurrency, save, set);
    const leanly = await compare(concurrency, save, leanSet);
    const loading = await compare(concurrency, load, get);
    rows.push(
      benchRow(`Redis: save ${at}`, saving.subjectUs / concurrency, "µs"),
      benchRow(`Redis: control, SET ${at}`, saving.controlUs / concurrency, "µs"),
      benchRow(`Redis: save ÷ SET ${at}`, saving.ratio, "×", 1.3),
      benchRow(`Redis: save ÷ SET without the client's timeouts ${at}`, leanly.ratio, "×"),
      benchRow(`Redis: load ÷ GET ${at}`, loading.ratio, "×"),
      ...(await measureViews(adapter, concurrency, set, get)),
    );
  }
  await adapter.close();
  await client.close();
  return rows;
}

/** Times `stash()` and `recoverState()` as a whole, with capture, compression and signing. */
async function measureViews(
  adapter: StashAdapter,
  concurrency: number,
  set: Work,
  get: Work,
): Promise<readonly BenchRow[]> {
  const hook = createHook(adapter);
  const pages = Array.from({ length: concurrency }, (_, index) => createPage(`page-${index}`));
  for (const page of pages) {
    hook.onMount(page);
    assert.equal((await stash(page)).status, "saved");
  }
  const pageOf = (index: number): BenchPage => {
    const page = pages[index];
    assert(page !== undefined);
    return page;
  };
  const stashing = await compare(
    concurrency,
    async (index) => {
      const page = pageOf(index);
      page.assigns = stateAfter(page.assigns);
      assert.equal((await stash(page)).status, "saved");
    },
    set,
  );
  const recovering = await compare(
    concurrency,
    async (index) => {
      const { connectParams } = pageOf(index);
      const rejoined = { ...createPage(`page-${index}`), connectParams };
      hook.onMount(rejoined);
      assert.equal((await recoverState(rejoined)).status, "recovered");
    },
    get,
  );
  const at = `at ${concurrency} at once`;
  return [
    benchRow(`Redis: whole stash() ÷ SET ${at}`, stashing.ratio, "×"),
    benchRow(`Redis: whole recoverState() ÷ GET ${at}`, recovering.ratio, "×"),
  ];
}

/** Measures the memory of Redis per stash: names, values, deadlines, tables. */
async function measureMemory(url: string, record: Uint8Array): Promise<readonly BenchRow[]> {
  const client: Client = createClient({ url });
  await client.connect();
  await client.flushAll();
  const adapter = createRedisAdapter({ url });
  const usedBytes = async (): Promise<number> =>
    Number(/used_memory:(\d+)/.exec(await client.info("memory"))?.[1]);
  const before = await usedBytes();
  const requests = await fill(adapter, STASHES, record);
  const after = await usedBytes();
  assert.equal(await client.dbSize(), STASHES);
  const writes = await countWrites(() => keepAlive(adapter, requests.slice(0, KEPT_ALIVE)));
  await adapter.close();
  await client.close();
  const name = `Redis: memory per stash at ${STASHES}`;
  return [
    benchRow(name, (after - before) / STASHES, "bytes", 700),
    benchRow(`Redis: keep-alive of ${KEPT_ALIVE}`, writes, "writes", 200),
  ];
}

async function measureCluster(record: Uint8Array): Promise<readonly BenchRow[]> {
  const cluster = await startRedisCluster();
  try {
    const rootNodes = cluster.urls.map((url) => ({ url }));
    const adapter = createRedisAdapter({ cluster: { rootNodes } });
    const requests = await fill(adapter, KEPT_ALIVE, record);
    const writes = await countWrites(() => keepAlive(adapter, requests));
    await adapter.close();
    return [benchRow(`Redis Cluster: keep-alive of ${KEPT_ALIVE}`, writes, "writes", 200)];
  } finally {
    await cluster.close();
  }
}

async function keepAlive(
  adapter: StashAdapter,
  requests: readonly KeepAliveRequest[],
): Promise<void> {
  const outcomes = await adapter.keepAlive(requests);
  assert(outcomes.every((outcome) => outcome === "kept"));
}

async function fill(
  adapter: StashAdapter,
  stashes: number,
  record: Uint8Array,
): Promise<readonly KeepAliveRequest[]> {
  const requests = Array.from({ length: stashes }, (_, index) => ({
    id: newId(),
    owner: `0000000000AAAAAAAAAAAAAAAA.${index.toString(36)}`,
    expiresAtMs: expiresAtMs(),
  }));
  for (let from = 0; from < stashes; from += 200) {
    await Promise.all(
      requests
        .slice(from, from + 200)
        .map(async (request) => adapter.save({ ...request, record, create: true })),
    );
  }
  return requests;
}

/** Returns the record of the 5 KB map, as the core passes it to adapters. */
async function recordOfMap(url: string): Promise<Uint8Array> {
  let record = NO_ADAPTER_DATA;
  const adapter = createRedisAdapter({ url });
  const spy: StashAdapter = {
    ...adapter,
    save(request) {
      record = request.record.slice();
      return adapter.save(request);
    },
  };
  const page = createPage("page");
  createHook(spy).onMount(page);
  assert.equal((await stash(page)).status, "saved");
  await adapter.close();
  return record;
}

/** Runs the benchmark of the Redis adapter, on servers of its own. */
export async function run(): Promise<BenchRow[]> {
  const redis = await startRedis();
  try {
    const record = await recordOfMap(redis.url);
    return [
      ...(await measureRoundTrips(redis.url, record)),
      ...(await measureMemory(redis.url, record)),
      ...(await measureCluster(record)),
    ];
  } finally {
    await redis.close();
  }
}

if (process.argv[1] === import.meta.filename) console.log(formatRows(await run()));

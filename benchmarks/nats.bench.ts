import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createNatsAdapter, type NatsAdapter } from "@live-stash/nats";
import { type NatsCluster, startNats, startNatsCluster } from "@live-stash/test-servers";
import type { LoadRequest, SaveRequest } from "live-stash/adapter";
import { type BareStream, openBareStream } from "../packages/stash-nats/test/bare-stream.ts";
import { userCycle } from "../packages/stash-nats/test/user-cycle.ts";
import { type BenchRow, benchRow, formatRows } from "./bench-row.ts";
import { measureAgainst, type Medians } from "./measure.ts";

const CONCURRENCIES = [1, 64];
const SAMPLING = { samples: 41, warmUpSamples: 15 };
const CALLS_PER_SAMPLE = 128;
const TTL_MS = 300_000;
const OWNER = "0000000000AAAAAAAAAAAAAAAA.1a";
/** A record as large as that of the 5 KB map. */
const RECORD = randomBytes(396);
/** The control's message: the record, and 39 bytes for the rest of an adapter's message. */
const MESSAGE = randomBytes(396 + 39);
const KEPT_ALIVE = 10_000;
const USERS = 50;
const CYCLES = 20;

type Work = (index: number) => Promise<unknown>;

const ids = Array.from({ length: Math.max(...CONCURRENCIES) }, () =>
  randomBytes(16).toString("base64url"),
);

function request(index: number): SaveRequest & LoadRequest {
  const expiresAtMs = Date.now() + TTL_MS;
  const adapterData = new Uint8Array(0);
  return {
    id: ids[index] ?? "",
    owner: OWNER,
    record: RECORD,
    create: true,
    adapterData,
    expiresAtMs,
  };
}

/** Times rounds of `concurrency` simultaneous calls. */
function compare(concurrency: number, subject: Work, control: Work): Promise<Medians> {
  const contender = (work: Work) => ({
    prepare: (runs: number) => Array.from({ length: runs }),
    run: () => Promise.all(Array.from({ length: concurrency }, (_, index) => work(index))),
  });
  const runsPerSample = Math.ceil(CALLS_PER_SAMPLE / concurrency);
  return measureAgainst(contender(subject), contender(control), { ...SAMPLING, runsPerSample });
}

/** Compares the adapter with a publish of the same bytes by the NATS client, on the same servers. */
async function measureCalls(
  where: string,
  adapter: NatsAdapter,
  bare: BareStream,
): Promise<readonly BenchRow[]> {
  const save: Work = async (index) => adapter.save(request(index));
  const load: Work = async (index) => adapter.load(request(index));
  const publish: Work = (index) => bare.publish(ids[index] ?? "", MESSAGE);
  for (const index of ids.keys()) assert.deepEqual(await save(index), { status: "saved" });
  const rows: BenchRow[] = [];
  for (const concurrency of CONCURRENCIES) {
    const at = `${where}, ${concurrency} at once`;
    const saving = await compare(concurrency, save, publish);
    const loading = await compare(concurrency, load, publish);
    rows.push(
      benchRow(`NATS: save, ${at}`, saving.subjectUs / concurrency, "µs"),
      benchRow(`NATS: control, publish, ${at}`, saving.controlUs / concurrency, "µs"),
      benchRow(`NATS: save ÷ publish, ${at}`, saving.ratio, "×"),
      benchRow(`NATS: load ÷ publish, ${at}`, loading.ratio, "×"),
    );
  }
  return rows;
}

/** Measures the bytes between all servers and nodes for a user who reconnects and stashes once. */
async function measureBytes(
  { servers, routes }: NatsCluster,
  nodes: readonly [NatsAdapter, NatsAdapter],
): Promise<readonly BenchRow[]> {
  const sum = (proxies: readonly { readonly bytes: number }[]): number =>
    proxies.reduce((total, { bytes }) => total + bytes, 0);
  const bytes = (): [number, number] => [sum(servers.map(({ clients }) => clients)), sum(routes)];
  const users = await Promise.all(Array.from({ length: USERS }, () => userCycle(nodes)));
  const [clientsBefore, routesBefore] = bytes();
  await Promise.all(
    users.map(async (next) => {
      for (let cycle = 0; cycle < CYCLES; cycle += 1) await next();
    }),
  );
  const [clients, between] = bytes();
  const each = (total: number): number => Math.round(total / (USERS * CYCLES));
  const total = each(clients + between - clientsBefore - routesBefore);
  return [
    benchRow(
      "NATS: bytes between nodes and servers, each cycle",
      each(clients - clientsBefore),
      "bytes",
    ),
    benchRow(
      "NATS: bytes between three servers, each cycle",
      each(between - routesBefore),
      "bytes",
    ),
    benchRow("NATS: bytes in all, each cycle", total, "bytes", 7_000),
  ];
}

/** Measures the bytes that a node sends to keep its connected views alive. */
async function measureKeepAlive(cluster: NatsCluster, node: NatsAdapter): Promise<BenchRow> {
  const kept = Array.from({ length: KEPT_ALIVE }, () => randomBytes(16).toString("base64url"));
  for (let from = 0; from < KEPT_ALIVE; from += 500) {
    const group = kept.slice(from, from + 500);
    await Promise.all(group.map(async (id) => node.save({ ...request(0), id })));
  }
  const bytes = (): number =>
    cluster.servers.reduce((total, { clients }) => total + clients.bytes, 0);
  // The first round completes the work that other measurements have left.
  const keepAll = async (): Promise<void> => {
    const until = Date.now() + TTL_MS;
    const requests = kept.map((id) => ({ id, owner: OWNER, expiresAtMs: until }));
    const outcomes = await node.keepAlive(requests);
    assert(outcomes.every((outcome) => outcome === "kept"));
  };
  await keepAll();
  const before = bytes();
  await keepAll();
  return benchRow("NATS: bytes to keep 10,000 views alive", bytes() - before, "bytes", 1_000);
}

async function measureOneServer(): Promise<readonly BenchRow[]> {
  const server = await startNats();
  const adapter = createNatsAdapter({ servers: server.url, timeoutMs: 10_000 });
  await adapter.connect();
  const bare = await openBareStream(server.url, 1);
  const rows = await measureCalls("one server", adapter, bare);
  await bare.close();
  await adapter.close();
  await server.close();
  return rows;
}

async function measureThreeServers(): Promise<readonly BenchRow[]> {
  const cluster = await startNatsCluster();
  const open = async (index: number): Promise<NatsAdapter> => {
    const servers = cluster.urls[index] ?? "";
    const adapter = createNatsAdapter({ servers, replicas: 3, timeoutMs: 10_000 });
    await adapter.connect();
    return adapter;
  };
  const nodes = [await open(0), await open(1)] as const;
  const bare = await openBareStream(cluster.urls[0] ?? "", 3);
  const rows = [
    ...(await measureCalls("three servers", nodes[0], bare)),
    ...(await measureBytes(cluster, nodes)),
    await measureKeepAlive(cluster, nodes[1]),
  ];
  await bare.close();
  await Promise.all(nodes.map((node) => node.close()));
  await cluster.close();
  return rows;
}

/** Runs the benchmark of the NATS adapter. */
export async function run(): Promise<readonly BenchRow[]> {
  return [...(await measureOneServer()), ...(await measureThreeServers())];
}

if (process.argv[1] === import.meta.filename) console.log(formatRows(await run()));

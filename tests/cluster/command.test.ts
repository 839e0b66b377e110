import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort, spawnServer, type SpawnedServer } from "@live-stash/test-servers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { HANGS_AFTER_MS } from "./adapters.ts";
import { RawUser } from "./raw-user.ts";

vi.setConfig({ testTimeout: HANGS_AFTER_MS, hookTimeout: HANGS_AFTER_MS });

const script = fileURLToPath(new URL("../../scripts/cluster.mjs", import.meta.url));

/** The folder in which the command writes all its files. */
let folder: string;
let command: SpawnedServer | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "live-stash-command-"));
});

afterEach(async () => {
  command?.kill();
  await command?.exited;
  rmSync(folder, { recursive: true, force: true });
});

function run(...args: string[]): Promise<SpawnedServer> {
  return spawnServer({
    command: process.execPath,
    args: [script, ...args],
    env: { LIVE_STASH_SECRET: undefined, LIVE_VIEW_SECRET: undefined, TMPDIR: folder },
    readyLine: /Cluster ready at (\S+)/,
    readyTimeoutMs: HANGS_AFTER_MS,
  });
}

async function startCluster(adapter: string): Promise<{ cluster: SpawnedServer; url: string }> {
  const cluster = await run("--adapter", adapter, "--port", String(await freePort()));
  command = cluster;
  await cluster.untilLine(/End everything/);
  return { cluster, url: cluster.ready[1] ?? "" };
}

/** Returns the addresses in the printed table. */
function addressesOf({ output }: SpawnedServer): string[] {
  const rows = output().matchAll(/^ {2}\S.*?((?:http|redis|nats):\/\/\S+)/gm);
  return [...rows].map(([, address = ""]) => address);
}

async function isListening(address: string): Promise<boolean> {
  const { hostname, port } = new URL(address);
  try {
    await fetch(`http://${hostname}:${port}`);
    return true;
  } catch (error) {
    // Redis and NATS do not answer HTTP, but they do accept the connection.
    const { cause } = error as { cause?: NodeJS.ErrnoException };
    return cause?.code !== "ECONNREFUSED";
  }
}

/** All files but the empty folder in which the nodes of this machine find each other. */
const ALL = /^live-stash-(\d+-[\w-]+\/|[a-z])/;

/** Returns the names of the files that the command has written. */
function written(of = ALL): string[] {
  const names = readdirSync(folder, { recursive: true }).map(String);
  return names.filter((name) => of.test(name));
}

async function expectNothingLeft(addresses: readonly string[], of = ALL): Promise<void> {
  expect(await Promise.all(addresses.map(isListening))).not.toContain(true);
  expect(written(of)).toEqual([]);
}

test.each([
  ["memory", 3],
  ["nats", 6],
])("with %s: %i addresses that answer, and nothing left after SIGTERM", async (adapter, count) => {
  const { cluster, url } = await startCluster(adapter);
  const addresses = addressesOf(cluster);
  expect(addresses).toHaveLength(count);
  expect(await Promise.all(addresses.map(isListening))).not.toContain(false);
  expect(written()).not.toEqual([]);
  const user = await RawUser.load(url, `/test/counter/${adapter}?ttlMs=60000`);
  const view = await user.connect(url);
  await view.add();
  expect(view.count).toBe(1);

  cluster.kill();
  expect(await cluster.exited).toEqual({ code: 0, signal: null });
  await view.closed;
  await expectNothingLeft(addresses);
});

test("with redis: a rolling restart by SIGHUP; a second cluster on its port is refused", async () => {
  const { cluster, url } = await startCluster("redis");
  const [, pid] = await cluster.untilLine(/kill -HUP (\d+)/);
  const user = await RawUser.load(url, "/test/counter/redis?ttlMs=60000");
  const view = await user.connect(url);
  while (view.stashed !== "saved") await view.add();

  process.kill(Number(pid), "SIGHUP");
  expect(await view.closed).toBe(1012);
  const next = await user.connect(url);
  expect([next.status, next.count]).toEqual(["recovered", view.count]);
  await cluster.untilLine(/All nodes are new/);
  expect(cluster.output()).toMatch(
    /1 is restarting.*1 is ready.*2 is restarting.*2 is ready.*All nodes are new/s,
  );
  await next.lose();

  const { port } = new URL(url);
  await expect(run("--port", port)).rejects.toThrow(
    new RegExp(`ended with code 1.*port ${port} of 127.0.0.1 is taken.*npm run cluster --`, "s"),
  );
  cluster.kill("SIGINT");
  expect(await cluster.exited).toEqual({ code: 0, signal: null });
  await expectNothingLeft(addressesOf(cluster));
});

test("when a part dies it says which, and stops", async () => {
  const { cluster, url } = await startCluster("browser");
  const page = await (await fetch(new URL("/test/counter/browser", url))).text();
  const pid = /\(process (\d+)\)/.exec(page)?.[1];
  process.kill(Number(pid), "SIGKILL");

  expect(await cluster.exited).toEqual({ code: 1, signal: null });
  expect(cluster.output()).toMatch(/Stopping the cluster, as node [12] ended by SIGKILL/);
  // The next process removes the socket that the killed one has left for its peers.
  await expectNothingLeft(addressesOf(cluster), /^live-stash-[a-z]/);
});

test("wrong arguments give the usage", async () => {
  await expect(run("--adapter", "ets")).rejects.toThrow(
    /ended with code 2.*--adapter: expected one of .*, found ets.*npm run cluster \[-- options\]/s,
  );
});

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type RedisCluster, startRedisCluster } from "@live-stash/test-servers";
import { createCluster } from "redis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createCloser } from "../../stash-contract/test/create-closer.ts";
import { creation, keeping, loading, newId, RECORD } from "../../stash-contract/test/requests.ts";
import { PATIENT } from "../test/redis-lab.ts";
import { createRedisAdapter } from "./redis-adapter.ts";

const redisCli = async (...args: string[]): Promise<string> =>
  (await promisify(execFile)("redis-cli", args)).stdout.trim();
const willClose = createCloser();
let cluster: RedisCluster;

beforeAll(async () => {
  cluster = await startRedisCluster();
});
afterAll(() => cluster.close());

const rootNodes = () => cluster.urls.map((url) => ({ url }));

test("a user with the documented permissions stores stashes on all nodes of a cluster", async () => {
  const permissions =
    "on >password ~live-stash:* +hello +eval +evalsha +time +get +getrange +set +pexpire +del " +
    "+cluster|slots +asking";
  for (const { port } of cluster.nodes) {
    await redisCli("-p", String(port), "acl", "setuser", "app", ...permissions.split(" "));
  }
  const adapter = createRedisAdapter({
    cluster: { rootNodes: rootNodes(), defaults: { username: "app", password: "password" } },
    ...PATIENT,
  });
  willClose(adapter, () => adapter.close());
  const ids = Array.from({ length: 60 }, newId);

  await Promise.all(ids.map(async (id) => adapter.save(creation(id))));
  expect(await adapter.keepAlive(ids.map((id) => keeping(id)))).toEqual(ids.map(() => "kept"));
  const sizes = await Promise.all(
    cluster.nodes.map(({ port }) => redisCli("-p", String(port), "dbsize")),
  );
  expect(sizes.map(Number).filter((size) => size > 0)).toHaveLength(3);
});

test("a cluster client of the application is used, and stays open", async () => {
  const client = createCluster({ rootNodes: rootNodes() });
  await client.connect();
  willClose(client, () => client.close());
  const adapter = createRedisAdapter({ client, ...PATIENT });
  const ids = Array.from({ length: 20 }, newId);

  await Promise.all(ids.map(async (id) => adapter.save(creation(id))));
  expect(await adapter.keepAlive(ids.map((id) => keeping(id)))).toEqual(ids.map(() => "kept"));
  await adapter.close();
  expect(client.isOpen).toBe(true);
});

test("while slots move to another node, every save and load succeeds", async () => {
  const adapter = createRedisAdapter({ cluster: { rootNodes: rootNodes() }, ...PATIENT });
  willClose(adapter, () => adapter.close());
  const ids = Array.from({ length: 300 }, newId);
  await Promise.all(ids.map(async (id) => adapter.save(creation(id))));
  const [from, to] = await Promise.all(
    cluster.nodes.map(({ port }) => redisCli("-p", String(port), "cluster", "myid")),
  );
  let isMoving = true;
  const reshard = `--cluster reshard 127.0.0.1:${cluster.nodes[0]?.port} --cluster-yes`;
  const slots = `--cluster-from ${from} --cluster-to ${to} --cluster-slots 1500`;
  const moving = redisCli(...`${reshard} ${slots}`.split(" ")).finally(() => (isMoving = false));

  let rounds = 0;
  do {
    const owner = `0000000000owner-${rounds}`;
    for (const id of ids) {
      expect(await adapter.load(loading(id, { owner }))).toEqual({
        status: "loaded",
        record: RECORD,
      });
      expect(await adapter.save(creation(id, { owner, create: false }))).toEqual({
        status: "saved",
      });
    }
    rounds += 1;
  } while (isMoving);
  await moving;
  expect(await adapter.keepAlive(ids.map((id) => keeping(id)))).toEqual(ids.map(() => "not_owner"));
});

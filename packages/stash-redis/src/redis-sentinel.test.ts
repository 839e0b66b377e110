import { startRedisSentinel } from "@live-stash/test-servers";
import { createSentinel } from "redis";
import { expect, test, vi } from "vitest";
import { createCloser } from "../../stash-contract/test/create-closer.ts";
import { creation, keeping, loading, newId, RECORD } from "../../stash-contract/test/requests.ts";
import { PATIENT, SOON } from "../test/redis-lab.ts";
import { createRedisAdapter } from "./redis-adapter.ts";

const willClose = createCloser();

test("behind a sentinel, stashes survive a failover", async () => {
  const sentinel = await startRedisSentinel();
  willClose(sentinel, () => sentinel.close());
  const { name, port } = sentinel;
  const sentinelRootNodes = [{ host: "127.0.0.1", port }];
  const adapter = createRedisAdapter({ sentinel: { name, sentinelRootNodes }, timeoutMs: 5_000 });
  willClose(adapter, () => adapter.close());
  const id = newId();
  expect(await adapter.save(creation(id))).toEqual({ status: "saved" });
  expect(await adapter.keepAlive([keeping(id)])).toEqual(["kept"]);

  const client = createSentinel({ name, sentinelRootNodes });
  await client.connect();
  willClose(client, () => client.close());
  const given = createRedisAdapter({ client, ...PATIENT });
  expect(await given.load(loading(id, { owner: "0000000000one" }))).toEqual({
    status: "loaded",
    record: RECORD,
  });
  // Make sure that the replica has the stash, too.
  await client.sendCommand(false, ["WAIT", "1", "10000"]);

  const failedOver = sentinel.untilFailedOver();
  await sentinel.primary.stop();
  await failedOver;
  await vi.waitFor(async () => {
    expect(await adapter.load(loading(id))).toEqual({ status: "loaded", record: RECORD });
  }, SOON);
  expect(await adapter.save(creation(newId()))).toEqual({ status: "saved" });
});

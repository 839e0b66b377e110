import { connect, createServer, type Socket } from "node:net";
import { once } from "node:events";
import { StashError } from "live-stash";
import { expect, test, vi } from "vitest";
import { createCloser } from "../../stash-contract/test/create-closer.ts";
import { SOON, useRedisLab } from "../test/redis-lab.ts";
import { creation, keeping, loading, newId, RECORD } from "../../stash-contract/test/requests.ts";
import { createRedisAdapter } from "./redis-adapter.ts";

const openLab = useRedisLab();
const willClose = createCloser();

/** Returns the error of a call that must fail. */
async function errorOf(call: unknown): Promise<StashError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof StashError) return error;
    throw error;
  }
  throw new Error("Expected a StashError, got an answer.");
}

test("a stash whose first save timed out exists once Redis resumes, because its page may know it", async () => {
  const { redis, adapter } = await openLab({ timeoutMs: 100 });
  const id = newId();
  // On a busy machine, even a healthy Redis may take longer than the timeout.
  await vi.waitFor(async () => {
    expect(await adapter.load(loading(newId()))).toEqual({ status: "absent" });
  }, SOON);
  redis.pause();
  const error = await errorOf(adapter.save(creation(id)));
  expect(error.code).toBe("adapter_timeout");

  redis.resume();
  await vi.waitFor(async () => {
    expect(await adapter.load(loading(id))).toEqual({ status: "loaded", record: RECORD });
  }, SOON);
});

test("waiting commands are limited in number and in bytes, until Redis answers them", async () => {
  const { redis, adapter } = await openLab({ maxQueueLength: 3, maxQueueBytes: 4_000 });
  const id = newId();
  await adapter.save(creation(id));
  redis.pause();
  const waiting = [1, 2, 3].map(async () => adapter.load(loading(id)));

  expect(await errorOf(adapter.load(loading(id)))).toMatchObject({
    code: "adapter_unavailable",
    message: expect.stringContaining("maxQueueLength") as string,
  });
  redis.resume();
  await Promise.all(waiting);
  redis.pause();
  const one = Promise.resolve(adapter.load(loading(id)));
  const large = creation(newId(), { record: new Uint8Array(5_000) });
  expect(await errorOf(adapter.save(large))).toMatchObject({
    message: expect.stringContaining("maxQueueBytes") as string,
  });
  redis.resume();
  await one;
  expect(await adapter.save(large)).toEqual({ status: "saved" });
});

test("during an outage, one call at a time is sent and all others reject at once", async () => {
  const { redis, adapter } = await openLab({ timeoutMs: 20 });
  const id = newId();
  // On a busy machine, even a healthy Redis may take longer than the timeout.
  await vi.waitFor(async () => {
    expect(await adapter.save(creation(id))).toEqual({ status: "saved" });
  }, SOON);
  redis.pause();

  await vi.waitFor(async () => {
    const { message } = await errorOf(adapter.load(loading(id)));
    expect(message).toMatch(/got no answer for \d+ ms\. Until it answers, only one call at a time/);
  }, SOON);
  redis.resume();
  await vi.waitFor(async () => {
    expect(await adapter.load(loading(id))).toEqual({ status: "loaded", record: RECORD });
  }, SOON);
});

test("the adapter connects to a Redis that starts later", async () => {
  const { redis } = await openLab();
  await redis.stop();
  const adapter = createRedisAdapter({ url: redis.url, timeoutMs: 50 });
  willClose(adapter, () => adapter.close());
  const error = await errorOf(adapter.save(creation(newId())));
  expect(error).toMatchObject({
    code: "adapter_unavailable",
    message: expect.stringContaining("expected a connection to Redis") as string,
    cause: { code: "ECONNREFUSED" },
  });

  await redis.start();
  await vi.waitFor(async () => {
    expect(await adapter.save(creation(newId()))).toEqual({ status: "saved" });
  }, SOON);
});

test("a connection that stays silent is replaced", async () => {
  const { redis } = await openLab();
  const sockets: Socket[] = [];
  // The first connection leads nowhere: its packets are lost without an error.
  const network = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    if (sockets.length === 1) {
      socket.resume();
      return;
    }
    const target = connect(redis.port, "127.0.0.1");
    target.on("error", () => {});
    socket.pipe(target).pipe(socket);
  });
  network.listen(0, "127.0.0.1");
  await once(network, "listening");
  willClose(network, () => {
    network.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = network.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  const adapter = createRedisAdapter({ url: `redis://127.0.0.1:${port}`, timeoutMs: 20 });
  willClose(adapter, () => adapter.close());

  await vi.waitFor(async () => {
    expect(await adapter.save(creation(newId()))).toEqual({ status: "saved" });
  }, SOON);
  expect(sockets).toHaveLength(2);
  await vi.waitFor(() => expect(sockets[0]?.destroyed).toBe(true), SOON);
});

test("a server that has become a replica makes the adapter connect anew by the server's name", async () => {
  const { adapter, client } = await openLab();
  const { redis: other } = await openLab();
  await adapter.save(creation(newId()));
  const ownConnections = async (): Promise<string[]> =>
    (await client.sendCommand<string>(["CLIENT", "LIST"])).match(/^id=\d+/gm) ?? [];
  const before = await ownConnections();
  await client.sendCommand(["REPLICAOF", "127.0.0.1", String(other.port)]);

  const error = await errorOf(adapter.save(creation(newId())));
  expect(error.message).toContain("READONLY");
  await client.sendCommand(["REPLICAOF", "NO", "ONE"]);
  await vi.waitFor(async () => {
    expect(await adapter.save(creation(newId()))).toEqual({ status: "saved" });
  }, SOON);
  const after = await ownConnections();
  expect(after.filter((connection) => !before.includes(connection))).not.toEqual([]);
});

test("each of a thousand simultaneous calls rejects with a StashError during an outage", async () => {
  const { redis, adapter } = await openLab({ timeoutMs: 100, maxQueueLength: 500 });
  const ids = Array.from({ length: 1_000 }, newId);
  await vi.waitFor(async () => {
    expect(await adapter.save(creation(newId()))).toEqual({ status: "saved" });
  }, SOON);
  redis.pause();

  const errors = await Promise.all(
    ids.map(async (id) => errorOf(Promise.resolve(adapter.save(creation(id))))),
  );
  const codes = new Set(errors.map(({ code }) => code));
  expect([...codes].sort()).toEqual(["adapter_timeout", "adapter_unavailable"]);
  expect(await errorOf(adapter.keepAlive(ids.map((id) => keeping(id))))).toBeInstanceOf(StashError);
});

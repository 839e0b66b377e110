import { createHash } from "node:crypto";
import { startTcpProxy } from "@live-stash/test-servers";
import { createClient } from "redis";
import { describe, expect, test } from "vitest";
import { createCloser } from "../../stash-contract/test/create-closer.ts";
import { callsOf, PATIENT, useRedisLab } from "../test/redis-lab.ts";
import {
  creation,
  inMs,
  keeping,
  loading,
  newId,
  RECORD,
} from "../../stash-contract/test/requests.ts";
import { createRedisAdapter } from "./redis-adapter.ts";

const openLab = useRedisLab();
const willClose = createCloser();

describe("the adapter's use of Redis", () => {
  test("a stash is one string with a time to live, under a key that does not disclose its id", async () => {
    const { adapter, client } = await openLab({ keyPrefix: "shop:" });
    const id = newId();
    await adapter.save(creation(id, { owner: "0000000000abcdefghijklmnop.1a" }));

    const name = createHash("sha256").update(id).digest("base64url").slice(0, 22);
    expect(await client.keys("*")).toEqual([`shop:${name}`]);
    expect(await client.strLen(`shop:${name}`)).toBe(RECORD.length + 46);
    expect(await client.pTTL(`shop:${name}`)).toBeGreaterThan(55_000);
    expect(await client.get(`shop:${name}`)).not.toContain(id);
  });

  test("a save, a load, a keep-alive and a forget are one command each", async () => {
    const { adapter, client } = await openLab();
    const id = newId();
    await adapter.save(creation(id));
    await adapter.load(loading(id));
    await adapter.keepAlive([keeping(id, { owner: "0000000000two" })]);
    await adapter.forget({ id, owner: "0000000000two" });
    await client.configResetStat();

    await adapter.save(creation(id));
    expect(await callsOf(client, "evalsha")).toBe(1);
    await adapter.load(loading(id));
    expect(await callsOf(client, "evalsha")).toBe(2);
    await adapter.keepAlive([keeping(id, { owner: "0000000000two" })]);
    expect(await callsOf(client, "evalsha")).toBe(3);
    await adapter.forget({ id, owner: "0000000000two" });
    expect(await callsOf(client, "evalsha")).toBe(4);
    expect(await callsOf(client, "eval")).toBe(0);
  });

  test("calls of one tick share one command while another is in flight, and each gets its own answer", async () => {
    const { adapter, client } = await openLab();
    const [mine, others, broken] = [newId(), newId(), newId()];
    await adapter.save(creation(broken));
    const [brokenKey = ""] = await client.keys("*");
    await client.del(brokenKey);
    await client.hSet(brokenKey, "field", "value");
    await adapter.save(creation(others, { owner: "0000000000another" }));
    await client.configResetStat();

    const answers = await Promise.allSettled([
      adapter.save(creation(mine)),
      adapter.save(creation(broken)),
      adapter.save(creation(others)),
      adapter.save(creation(newId(), { create: false })),
      adapter.save(creation(mine, { record: Buffer.from("later") })),
    ]);
    expect(answers).toMatchObject([
      { value: { status: "saved" } },
      { reason: { code: "adapter_unavailable" } },
      { value: { status: "not_owner" } },
      { value: { status: "absent" } },
      { value: { status: "saved" } },
    ]);
    expect(await callsOf(client, "evalsha")).toBe(2);
    expect(await adapter.load(loading(mine))).toMatchObject({ record: Buffer.from("later") });
  });

  test("different calls of one tick take effect in their order", async () => {
    const { adapter } = await openLab();
    const id = newId();

    expect(
      await Promise.all([
        adapter.save(creation(id)),
        adapter.load(loading(id)),
        adapter.save(creation(id)),
        adapter.forget({ id, owner: "0000000000two" }),
        adapter.save(creation(id)),
      ]),
    ).toMatchObject([
      { status: "saved" },
      { status: "loaded" },
      { status: "not_owner" },
      "forgotten",
      { status: "saved" },
    ]);
  });

  test("keeping 1,200 stashes alive takes six commands", async () => {
    const { adapter, client } = await openLab();
    const ids = Array.from({ length: 1_200 }, newId);
    await Promise.all(ids.map(async (id) => adapter.save(creation(id))));
    await adapter.keepAlive([keeping("absent")]);
    await client.configResetStat();

    const outcomes = await adapter.keepAlive(ids.map((id) => keeping(id)));
    expect(outcomes).toEqual(ids.map(() => "kept"));
    // The first run of each group finds nothing in flight and is sent alone; the others share a command.
    expect(await callsOf(client, "evalsha")).toBe(6);
  });

  test("a record above maxRecordBytes is `full` and is not sent", async () => {
    const { adapter, client } = await openLab({ maxRecordBytes: 10 });
    await adapter.save(creation(newId(), { record: new Uint8Array(10) }));

    const tooLarge = creation(newId(), { record: new Uint8Array(11) });
    expect(await adapter.save(tooLarge)).toEqual({ status: "full" });
    expect(await client.dbSize()).toBe(1);
  });
});

describe("the connection", () => {
  test("opens at the first call", async () => {
    const { redis } = await openLab();
    const proxy = await startTcpProxy({ targetPort: redis.port });
    willClose(proxy, () => proxy.close());
    const adapter = createRedisAdapter({ url: `redis://127.0.0.1:${proxy.port}`, ...PATIENT });
    willClose(adapter, () => adapter.close());

    // Opening another lab takes longer than a connection of the adapter would take.
    await openLab();
    expect(proxy.connections).toBe(0);
    await adapter.load(loading(newId()));
    expect(proxy.connections).toBe(1);
  });

  test("is not needed to close the adapter", async () => {
    const adapter = createRedisAdapter({ url: "redis://127.0.0.1:1" });

    await adapter.close();
    await expect(adapter.forget({ id: newId(), owner: "0000000000one" })).rejects.toMatchObject({
      code: "adapter_closed",
    });
  });

  test("sends the scripts again after Redis has lost them", async () => {
    const { adapter, client } = await openLab();
    const id = newId();
    await adapter.save(creation(id));
    await client.scriptFlush();

    expect(await adapter.load(loading(id))).toEqual({ status: "loaded", record: RECORD });
    expect(await callsOf(client, "eval")).toBe(2);
  });
});

describe("an error reply of Redis", () => {
  test("without free memory, saves are `full` and loads reject, until there is memory again", async () => {
    const { adapter, client } = await openLab();
    const id = newId();
    await adapter.save(creation(id));
    await client.configSet("maxmemory", "100kb");

    expect(await adapter.save(creation(newId()))).toEqual({ status: "full" });
    await expect(adapter.load(loading(id))).rejects.toMatchObject({
      code: "adapter_unavailable",
      message: expect.stringContaining("OOM") as string,
    });
    expect(await adapter.keepAlive([keeping(id)])).toEqual(["kept"]);
    await client.configSet("maxmemory", "0");
    expect(await adapter.load(loading(id))).toEqual({ status: "loaded", record: RECORD });
  });

  test("the error for a wrong password does not contain it", async () => {
    const { redis } = await openLab({}, { config: ["user app on >right ~* +@all"] });
    const adapter = createRedisAdapter({
      url: `redis://app:wr0ng@127.0.0.1:${redis.port}`,
      timeoutMs: 2_000,
    });
    willClose(adapter, () => adapter.close());

    const error: unknown = await Promise.resolve(adapter.load(loading(newId()))).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: "adapter_unavailable" });
    expect(String(error)).toContain("WRONGPASS");
    expect(JSON.stringify([String(error), error])).not.toContain("wr0ng");
  });

  test("the error for a missing permission names the reply code and the remedy, but not the key", async () => {
    const config = ["user app on >password ~live-stash:* +hello +get"];
    const { redis } = await openLab({}, { config });
    const adapter = createRedisAdapter({
      url: `redis://app:password@127.0.0.1:${redis.port}`,
      ...PATIENT,
    });
    willClose(adapter, () => adapter.close());

    await expect(adapter.load(loading(newId()))).rejects.toMatchObject({
      code: "adapter_unavailable",
      message: expect.stringMatching(/NOPERM\. Grant.*docs\/redis\.md/) as string,
    });
  });

  test("a foreign value under a stash's key is reported, and is not overwritten", async () => {
    const { adapter, client } = await openLab();
    const id = newId();
    await adapter.save(creation(id));
    const [key = ""] = await client.keys("*");

    await client.set(key, "a foreign value");
    await expect(adapter.load(loading(id))).rejects.toMatchObject({ code: "adapter_unavailable" });
    expect(await adapter.save(creation(id))).toEqual({ status: "not_owner" });
    await client.del(key);
    await client.hSet(key, "field", "value");
    await expect(adapter.save(creation(id))).rejects.toMatchObject({ code: "adapter_unavailable" });
  });
});

describe("a client of the application", () => {
  test("is used as it is, and stays open", async () => {
    const { client } = await openLab();
    const adapter = createRedisAdapter({ client, ...PATIENT });
    const id = newId();

    expect(await adapter.save(creation(id))).toEqual({ status: "saved" });
    expect(await adapter.load(loading(id))).toEqual({ status: "loaded", record: RECORD });
    await adapter.close();
    expect(await client.dbSize()).toBe(1);
    await expect(adapter.load(loading(id))).rejects.toMatchObject({ code: "adapter_closed" });
  });

  test("may be a pool, or use RESP2", async () => {
    const { redis, client } = await openLab();
    const pool = client.createPool({ minimum: 1 });
    await pool.connect();
    willClose(pool, () => pool.close());
    const old = createClient({ url: redis.url, RESP: 2 });
    await old.connect();
    willClose(old, () => old.close());

    for (const given of [pool, old]) {
      const adapter = createRedisAdapter({ client: given, ...PATIENT });
      const id = newId();
      expect(await adapter.save(creation(id))).toEqual({ status: "saved" });
      expect(await adapter.load(loading(newId()))).toEqual({ status: "absent" });
      expect(await adapter.load(loading(id))).toEqual({ status: "loaded", record: RECORD });
      expect(await adapter.keepAlive([keeping(id)])).toEqual(["not_owner"]);
    }
  });

  test("makes calls reject at once if it is not connected", async () => {
    const { client } = await openLab();
    const adapter = createRedisAdapter({ client: client.duplicate(), timeoutMs: 600_000 });

    await expect(adapter.load(loading(newId()))).rejects.toMatchObject({
      code: "adapter_unavailable",
      cause: expect.any(Error) as Error,
    });
  });

  test("makes calls reject if it transforms replies into something else", async () => {
    const { client } = await openLab();
    const id = newId();
    for (const reply of [null, undefined, "", " ", [], false, {}, Number.NaN, 2, "OK"]) {
      const transforming = {
        isOpen: true,
        async sendCommand(...input: Parameters<typeof client.sendCommand>) {
          await client.sendCommand(...input);
          return [reply];
        },
      };
      const adapter = createRedisAdapter({ client: transforming, ...PATIENT });
      const calls = [
        adapter.save(creation(id)),
        adapter.load(loading(id)),
        adapter.keepAlive([keeping(id)]),
        adapter.forget({ id, owner: "0000000000one" }),
      ];
      for (const call of calls) {
        await expect(call).rejects.toMatchObject({
          code: "adapter_unavailable",
          message: expect.stringContaining("expected a reply of the adapter's script") as string,
        });
      }
    }
  });
});

describe("an encrypted value", () => {
  const secret = "the first secret of these tests, made up";
  const other = "another secret of these tests, made up";

  test("does not disclose the record, and is valid under its own key only", async () => {
    const { adapter, client } = await openLab({ encrypt: true, secret });
    const [one, two] = [newId(), newId()];
    await adapter.save(creation(one));
    const [key = ""] = await client.keys("*");
    expect(await client.get(key)).not.toContain(RECORD.toString());

    await adapter.save(creation(two));
    const [moved = ""] = (await client.keys("*")).filter((name) => name !== key);
    await client.copy(key, moved, { REPLACE: true });
    await expect(adapter.load(loading(two))).rejects.toMatchObject({
      code: "adapter_unavailable",
      message: expect.stringContaining("encrypted with one of its secrets") as string,
    });
    expect(await adapter.load(loading(one))).toEqual({ status: "loaded", record: RECORD });
  });

  test("is rejected if a byte has changed, or if it was never encrypted", async () => {
    const { redis, adapter, client } = await openLab({ encrypt: true, secret });
    const plain = createRedisAdapter({ url: redis.url, ...PATIENT });
    willClose(plain, () => plain.close());
    const [one, two] = [newId(), newId()];
    await adapter.save(creation(one));
    const [key = ""] = await client.keys("*");
    await client.setRange(key, 60, "?");
    await plain.save(creation(two));

    await expect(adapter.load(loading(one))).rejects.toMatchObject({ code: "adapter_unavailable" });
    await expect(adapter.load(loading(two))).rejects.toMatchObject({ code: "adapter_unavailable" });
    await expect(plain.load(loading(one))).rejects.toMatchObject({ code: "adapter_unavailable" });
  });

  test("can be read with an older secret until that secret is removed", async () => {
    const { redis, adapter } = await openLab({ encrypt: true, secret });
    const [rotated, removed] = [[other, secret], other].map((secrets) => {
      const next = createRedisAdapter({
        url: redis.url,
        ...PATIENT,
        encrypt: true,
        secret: secrets,
      });
      return willClose(next, () => next.close());
    });
    const id = newId();
    await adapter.save(creation(id));

    expect(await rotated?.load(loading(id))).toEqual({ status: "loaded", record: RECORD });
    await expect(removed?.load(loading(id))).rejects.toMatchObject({
      code: "adapter_unavailable",
    });
  });
});

test("a stash that is loaded with a deadline in the past is returned and deleted", async () => {
  const { adapter, client } = await openLab();
  const id = newId();
  await adapter.save(creation(id));

  const outcome = await adapter.load(loading(id, { expiresAtMs: inMs(-1) }));
  expect(outcome).toEqual({ status: "loaded", record: RECORD });
  expect(await client.dbSize()).toBe(0);
});

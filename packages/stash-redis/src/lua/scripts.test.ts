import { expect, test } from "vitest";
import { useRedisLab } from "../../test/redis-lab.ts";
import type { RedisScript } from "../redis-script.ts";
import { encodeValue, ownerText, turnText } from "../stash-value.ts";
import { forgetScript } from "./forget.ts";
import { keepAliveScript } from "./keep-alive.ts";
import { loadScript } from "./load.ts";
import { saveScript } from "./save.ts";

const openLab = useRedisLab();
const KEY = "key";
const HOUR_MS = "3600000";

async function openScripts() {
  const { client } = await openLab();
  const run = (script: RedisScript, ...args: string[]): Promise<unknown> =>
    client.eval(script.source, { keys: [KEY], arguments: args });
  const value = (turn: number, owner: string, record: string): string =>
    encodeValue("plain", turnText(turn), ownerText(owner), Buffer.from(record)).toString();
  return {
    client,
    run,
    save: (turn: number, owner: string, record: string, ttlMs = HOUR_MS, sentAtMs = Date.now()) =>
      run(saveScript, value(turn, owner, record), ttlMs, String(sentAtMs), "1"),
    load: (turn: number, owner: string) =>
      run(loadScript, turnText(turn) + ownerText(owner), HOUR_MS, String(Date.now())),
    forget: (turn: number, owner: string) => run(forgetScript, ownerText(owner), turnText(turn)),
    held: async () => (await client.get(KEY))?.slice(10),
  };
}

test("a save that was overtaken by a later one of its owner changes nothing", async () => {
  const { save, held } = await openScripts();

  expect(await save(7, "one", "first")).toBe(1);
  expect(await save(9, "one", "third")).toBe(1);
  expect(await save(8, "one", "second")).toBe(1);
  expect(await held()).toBe("03onethird");
});

test("a forget that was overtaken by a save of its owner changes nothing", async () => {
  const { save, forget, held } = await openScripts();
  await save(9, "one", "record");

  expect(await forget(8, "one")).toBe(1);
  expect(await held()).toBe("03onerecord");
  expect(await forget(9, "one")).toBe(1);
  expect(await held()).toBeUndefined();
});

test("turns are the owner's: the next owner begins anew", async () => {
  const { save, load, held } = await openScripts();
  await save(1_000, "one", "record");

  expect(await load(5, "longer-owner")).toContain("03onerecord");
  expect(await held()).toBe("12longer-ownerrecord");
  expect(await save(6, "longer-owner", "next")).toBe(1);
  expect(await save(2_000, "one", "late")).toBe(-1);
  expect(await held()).toBe("12longer-ownernext");
});

test("the time under way is taken from the time to live, unless the clocks do not agree", async () => {
  const { client, save, run } = await openScripts();
  const leftMs = (): Promise<number> => client.pTTL(KEY);

  await save(1, "one", "record", "100000", Date.now() - 900);
  expect(await leftMs()).toBeLessThanOrEqual(99_100);
  await save(2, "one", "record", "100000", Date.now() - 100_000);
  expect(await leftMs()).toBeGreaterThan(99_100);
  await save(3, "one", "record", "100000", Date.now() + 100_000);
  expect(await leftMs()).toBeGreaterThan(99_100);
  const sentAtMs = String(Date.now() - 900);
  await run(keepAliveScript, sentAtMs, ownerText("one"), "50000");
  expect(await leftMs()).toBeLessThanOrEqual(49_100);
  await save(4, "one", "record", "500", Date.now() - 900);
  expect(await client.exists(KEY)).toBe(0);
});

test("an owner whose name begins like another's is somebody else", async () => {
  const { save, forget, run } = await openScripts();
  await save(1, "one", "record");

  for (const owner of ["on", "oner", "onerecord", "One"]) {
    expect(await forget(9, owner)).toBe(-1);
    expect(await save(9, owner, "record")).toBe(-1);
    const kept = await run(keepAliveScript, String(Date.now()), ownerText(owner), HOUR_MS);
    expect(kept).toEqual([-1]);
  }
});

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { useRedisLab } from "../../test/redis-lab.ts";
import type { RedisScript } from "./script.ts";
import { encodeValue, ownerText, writeNumberText } from "../stored-value.ts";
import { forgetScript } from "./forget.ts";
import { keepAliveScript } from "./keep-alive.ts";
import { loadScript } from "./load.ts";
import { saveScript } from "./save.ts";

const openLab = useRedisLab();
const KEY = "key";
const HOUR_MS = 3_600_000;

async function openScripts() {
  const { client } = await openLab();
  const run = async (
    script: RedisScript,
    sentAtMs: number,
    ...args: string[]
  ): Promise<unknown> => {
    const replies = await client.eval(script.source, {
      keys: [KEY],
      arguments: [String(sentAtMs), ...args],
    });
    return Array.isArray(replies) && replies.length === 1 ? replies[0] : replies;
  };
  const value = (writeNumber: number, owner: string, record: string): string =>
    encodeValue(
      "plain",
      ownerText(owner),
      writeNumberText(writeNumber),
      Buffer.from(record),
    ).toString();
  return {
    client,
    run,
    /** Runs a save as if it had been sent `agoMs` ago, with a deadline `ttlMs` after that. */
    save(writeNumber: number, owner: string, record: string, ttlMs = HOUR_MS, agoMs = 0) {
      const sentAtMs = Date.now() - agoMs;
      const args = [
        ownerText(owner),
        writeNumberText(writeNumber),
        value(writeNumber, owner, record),
      ];
      return run(saveScript, sentAtMs, ...args, String(sentAtMs + ttlMs), "1");
    },
    load(writeNumber: number, owner: string) {
      const nowMs = Date.now();
      return run(
        loadScript,
        nowMs,
        ownerText(owner),
        writeNumberText(writeNumber),
        String(nowMs + HOUR_MS),
      );
    },
    keepAlive(owner: string, ttlMs = HOUR_MS, agoMs = 0) {
      const sentAtMs = Date.now() - agoMs;
      return run(keepAliveScript, sentAtMs, ownerText(owner), String(sentAtMs + ttlMs));
    },
    forget: (writeNumber: number, owner: string) =>
      run(forgetScript, Date.now(), ownerText(owner), writeNumberText(writeNumber)),
    /** Returns the owner and the record that are stored. */
    async stored() {
      const match = /^1\d\d(.*?)\d{14}(.*)$/.exec((await client.get(KEY)) ?? "");
      return match === null ? undefined : [match[1], match[2]];
    },
  };
}

test("a save that arrives after a later save of its owner changes nothing", async () => {
  const { save, stored } = await openScripts();

  expect(await save(7, "0000000000one", "first")).toBe(1);
  expect(await save(9, "0000000000one", "third")).toBe(1);
  expect(await save(8, "0000000000one", "second")).toBe(1);
  expect(await stored()).toEqual(["0000000000one", "third"]);
});

test("a forget that arrives after a later save of its owner changes nothing", async () => {
  const { save, forget, stored } = await openScripts();
  await save(9, "0000000000one", "record");

  expect(await forget(8, "0000000000one")).toBe(1);
  expect(await stored()).toEqual(["0000000000one", "record"]);
  expect(await forget(9, "0000000000one")).toBe(1);
  expect(await stored()).toBeUndefined();
});

test("write numbers are compared within one owner: the next owner may begin with a lower one", async () => {
  const { save, load, stored } = await openScripts();
  await save(1_000, "0000000000one", "record");

  expect(await load(5, "0000000000longer-owner")).toContain("record");
  expect(await stored()).toEqual(["0000000000longer-owner", "record"]);
  expect(await save(6, "0000000000longer-owner", "next")).toBe(1);
  expect(await save(2_000, "0000000000one", "late")).toBe(-1);
  expect(await stored()).toEqual(["0000000000longer-owner", "next"]);
});

test("owners have the same order in any locale, also where y precedes j", async ({ skip }) => {
  const folder = mkdtempSync(join(tmpdir(), "live-stash-locale-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  try {
    execFileSync("localedef", ["-i", "lt_LT", "-f", "ISO-8859-13", join(folder, "lt_LT")]);
  } catch {
    skip("localedef cannot create a Lithuanian locale here");
  }
  vi.stubEnv("LOCPATH", folder);
  vi.stubEnv("LC_ALL", "lt_LT");
  const { client, save, load } = await openScripts();
  vi.unstubAllEnvs();
  expect(await client.eval("return tostring('y' < 'j')")).toBe("true");

  await save(1, "000000j000one", "record");
  expect(await load(2, "000000y000two")).toContain("record");
  expect(await load(3, "000000j000three")).toBe(-1);
});

test("the time to live is reduced by the command's time in transit, unless the clocks disagree", async () => {
  const { client, save, keepAlive } = await openScripts();
  const leftMs = (): Promise<number> => client.pTTL(KEY);

  await save(1, "0000000000one", "record", 100_000, 900);
  expect(await leftMs()).toBeLessThanOrEqual(99_100);
  await save(2, "0000000000one", "record", 100_000, 100_000);
  expect(await leftMs()).toBeGreaterThan(99_100);
  await save(3, "0000000000one", "record", 100_000, -100_000);
  expect(await leftMs()).toBeGreaterThan(99_100);
  await keepAlive("0000000000one", 50_000, 900);
  expect(await leftMs()).toBeLessThanOrEqual(49_100);
  await save(4, "0000000000one", "record", 500, 900);
  expect(await client.exists(KEY)).toBe(0);
});

test("an owner whose name begins like another's is a different owner", async () => {
  const { save, forget, keepAlive } = await openScripts();
  await save(1, "0000000000one", "record");

  for (const owner of [
    "0000000000on",
    "0000000000oner",
    "0000000000onerecord",
    "0000000000One",
    "0000000000one0",
  ]) {
    expect(await forget(9, owner)).toBe(-1);
    expect(await save(9, owner, "record")).toBe(-1);
    expect(await keepAlive(owner)).toBe(-1);
  }
});

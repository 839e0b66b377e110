import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { useRedisLab } from "./redis-lab.ts";
import { creation, newId } from "../../stash-contract/test/requests.ts";

const run = promisify(execFile);
const openLab = useRedisLab();
const document = readFileSync(new URL("../../../docs/redis.md", import.meta.url), "utf8");

test("the commands in docs/redis.md count, measure and delete the stashes of one application", async () => {
  const recipes = [...document.matchAll(/```sh\n([^]*?)```/g)].map(([, recipe = ""]) => recipe);
  const [count = "", size = "", drop = ""] = recipes;
  expect(recipes).toHaveLength(3);
  const { redis, adapter, client } = await openLab({ keyPrefix: "shop:" });
  await client.set("others", "value");
  for (let stashes = 0; stashes < 3; stashes += 1) await adapter.save(creation(newId()));
  const follow = async (recipe: string): Promise<string> => {
    const env = { ...process.env, REDIS_URL: redis.url };
    return (await run("/bin/sh", ["-c", recipe], { env })).stdout.trim();
  };

  expect(await follow(count)).toBe("3");
  expect(await follow(size)).toMatch(/^[2-9]\d\d bytes$/);
  expect(await follow(drop)).toBe("3");
  expect(await client.keys("*")).toEqual(["others"]);
});

test("the ACL user from docs/redis.md has the permissions it needs", async () => {
  const [user = ""] = /^user app .*$/m.exec(document) ?? [];
  const { redis } = await openLab({}, { config: [user] });
  const { adapter } = await openLab({
    url: `redis://app:password@127.0.0.1:${redis.port}`,
    keyPrefix: "shop:",
  });
  const id = newId();

  expect(await adapter.save(creation(id))).toEqual({ status: "saved" });
  expect(await adapter.load({ ...creation(id), adapterData: new Uint8Array(0) })).toMatchObject({
    status: "loaded",
  });
  expect(await adapter.keepAlive([creation(id)])).toEqual(["kept"]);
  expect(await adapter.forget(creation(id))).toBe("forgotten");
});

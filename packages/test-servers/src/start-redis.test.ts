import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, expect, test } from "vitest";
import { startRedis } from "./start-redis.ts";
import { startRedisCluster } from "./start-redis-cluster.ts";

const run = promisify(execFile);
const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => server.close()));
});

function willClose<Server extends { close(): Promise<void> }>(server: Server): Server {
  opened.push(server);
  return server;
}

async function ask(port: number, ...command: string[]): Promise<string> {
  const { stdout } = await run("redis-cli", ["-p", String(port), ...command]);
  return stdout.trim();
}

test("a Redis does not answer while it is paused, and restarts on the same port", async () => {
  const redis = willClose(await startRedis());

  expect(await ask(redis.port, "set", "key", "value")).toBe("OK");
  redis.pause();
  let hasAnswered = false;
  const answer = ask(redis.port, "get", "key").then((text) => {
    hasAnswered = true;
    return text;
  });
  await run("redis-cli", ["--version"]);
  expect(hasAnswered).toBe(false);
  redis.resume();
  expect(await answer).toBe("value");

  redis.pause();
  await redis.stop();
  await redis.start();
  expect(await ask(redis.port, "exists", "key")).toBe("0");
});

test("a Redis with TLS accepts TLS clients only", async () => {
  const redis = willClose(await startRedis({ tls: true }));

  expect(redis.ca).toContain("BEGIN CERTIFICATE");
  expect(redis.url).toBe(`rediss://127.0.0.1:${redis.port}`);
  await expect(ask(redis.port, "ping")).rejects.toThrow("Command failed");
  expect(await ask(redis.port, "--tls", "--insecure", "ping")).toBe("PONG");
});

test("every node of a cluster redirects to the node of a key", async () => {
  const cluster = willClose(await startRedisCluster());
  const answers = await Promise.all(cluster.nodes.map(({ port }) => ask(port, "get", "key")));

  expect(answers.filter((answer) => answer.startsWith("MOVED"))).toHaveLength(2);
});

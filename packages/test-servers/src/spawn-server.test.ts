import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { spawnServer } from "./spawn-server.ts";

const node = process.execPath;

/** Returns the command of a server in one line of JavaScript that runs until it is killed. */
function script(source: string): { command: string; args: string[] } {
  return { command: node, args: ["-e", `${source}; setInterval(() => {}, 1000)`] };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test("spawnServer() resolves with the match of the ready line, and kill() ends the server", async () => {
  const server = await spawnServer({
    ...script("console.log('starting'); console.error('listening on ' + process.env.TEST_PORT)"),
    env: { TEST_PORT: "4123" },
    readyLine: /listening on (\d+)/,
  });

  expect(server.ready[1]).toBe("4123");
  expect(server.output().split("\n").sort()).toEqual(["listening on 4123", "starting"]);
  expect(isAlive(server.pid)).toBe(true);
  server.kill();
  expect(await server.exited).toEqual({ code: null, signal: "SIGTERM" });
  expect(isAlive(server.pid)).toBe(false);
  server.kill("SIGKILL");
});

test("untilLine() waits for later lines, and rejects when the server ends", async () => {
  const server = await spawnServer({
    ...script("process.on('SIGUSR2', () => console.log('drained 7')); console.log('ready')"),
    readyLine: /^ready$/,
  });
  const drained = server.untilLine(/drained (\d)/);
  server.kill("SIGUSR2");

  expect((await drained)[1]).toBe("7");
  const never = server.untilLine(/never/);
  server.kill("SIGKILL");
  await expect(never).rejects.toThrow("it was ended by SIGKILL");
  await expect(server.untilLine(/never/)).rejects.toThrow("drained 7");
});

test("processes that the server has started end with it", async () => {
  const server = await spawnServer({
    command: "/bin/sh",
    args: ["-c", `"${node}" -e 'console.log(process.pid); setInterval(() => {}, 1000)' & wait`],
    readyLine: /^(\d+)$/,
  });
  const grandchild = Number(server.ready[1]);
  // Only the leader is killed: `exited` resolves because the grandchild, which keeps the output open, ends too.
  process.kill(server.pid, "SIGKILL");

  await server.exited;
  expect(isAlive(server.pid)).toBe(false);
  await untilGone(grandchild);
});

test("spawnServer() rejects with the name of a command that does not exist", async () => {
  await expect(spawnServer({ command: "/nowhere/server", readyLine: /ready/ })).rejects.toThrow(
    "Starting `/nowhere/server` failed. Is it installed?",
  );
});

test("spawnServer() rejects with the code and output of a server that ends before it is ready", async () => {
  const starting = spawnServer({
    command: node,
    args: ["-e", "console.error('port is taken'); process.exit(3)"],
    readyLine: /ready/,
  });

  await expect(starting).rejects.toThrow(
    /ready\/: it ended with code 3\. It printed:\nport is taken/,
  );
});

test("spawnServer() ends a server that is not ready in time", async () => {
  const starting = spawnServer({ ...script("0"), readyLine: /ready/, readyTimeoutMs: 1 });

  await expect(starting).rejects.toThrow("it was not ready within 1 ms. It printed nothing.");
});

test("a server ends with its parent, even if the parent is killed with SIGKILL", async () => {
  const spawnServerUrl = new URL("./spawn-server.ts", import.meta.url).href;
  const parentSource = `
    const { spawnServer } = await import(${JSON.stringify(spawnServerUrl)});
    const server = await spawnServer({
      command: process.execPath,
      args: ["-e", "console.log('ready'); setInterval(() => {}, 1000)"],
      readyLine: /ready/,
    });
    console.log("server " + server.pid);`;
  const parent = spawn(node, ["--import", "tsx", "--input-type=module", "-e", parentSource], {
    cwd: fileURLToPath(new URL("../../..", import.meta.url)),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface({ input: parent.stdout }), "line")) as [string];
  const pid = Number(/^server (\d+)$/.exec(line)?.[1]);
  expect(isAlive(pid)).toBe(true);
  parent.kill("SIGKILL");

  await untilGone(pid);
});

/** Polls, because a process is notified only of the ends of its own children. */
async function untilGone(pid: number): Promise<void> {
  await expect.poll(() => isAlive(pid), { timeout: 20_000, interval: 10 }).toBe(false);
}

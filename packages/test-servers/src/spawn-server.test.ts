import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { spawnServer } from "./spawn-server.ts";

const node = process.execPath;

/** A server in one line of JavaScript that stays until it is ended. */
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

test("resolves with what the ready line matched, and ends by the signal it gets", async () => {
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

test("later lines can be awaited, and the wait ends with the server", async () => {
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

test("what the server started ends with it", async () => {
  const server = await spawnServer({
    command: "/bin/sh",
    args: ["-c", `"${node}" -e 'console.log(process.pid); setInterval(() => {}, 1000)' & wait`],
    readyLine: /^(\d+)$/,
  });
  const grandchild = Number(server.ready[1]);
  // Only the leader dies: `exited` resolves because the one that holds the output is ended too.
  process.kill(server.pid, "SIGKILL");

  await server.exited;
  expect(isAlive(server.pid)).toBe(false);
  await untilGone(grandchild);
});

test("a command that does not exist is an error that names it", async () => {
  await expect(spawnServer({ command: "/nowhere/server", readyLine: /ready/ })).rejects.toThrow(
    "Starting `/nowhere/server` failed. Is it installed?",
  );
});

test("a server that ends instead of getting ready is an error with its code and output", async () => {
  const starting = spawnServer({
    command: node,
    args: ["-e", "console.error('port is taken'); process.exit(3)"],
    readyLine: /ready/,
  });

  await expect(starting).rejects.toThrow(
    /ready\/: it ended with code 3\. It printed:\nport is taken/,
  );
});

test("a server that is not ready in time is ended", async () => {
  const starting = spawnServer({ ...script("0"), readyLine: /ready/, readyTimeoutMs: 1 });

  await expect(starting).rejects.toThrow("1 ms went by. It printed nothing.");
});

test("a server ends with its parent, even if that is killed with SIGKILL", async () => {
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

/** Polls, because nobody is told of the end of a process that is not its child. */
async function untilGone(pid: number): Promise<void> {
  await expect.poll(() => isAlive(pid), { timeout: 20_000, interval: 10 }).toBe(false);
}

import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import {
  freePort,
  spawnServer,
  startChromium,
  startTcpProxy,
  type SpawnedServer,
} from "@live-stash/test-servers";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { freshClone, type FreshClone } from "./fresh-clone.ts";

const run = promisify(execFile);
// The test installs from the registry twice, perhaps on a busy machine.
const SLOW_MS = 600_000;

let clone: FreshClone;
let browser: Browser;

beforeAll(async () => {
  clone = freshClone();
  browser = await startChromium();
}, SLOW_MS);

afterAll(async () => {
  await browser.close();
  clone.close();
});

/** Returns a new user's environment: without the test runner's variables, and with free ports. */
async function strangersEnv(): Promise<Record<string, string | undefined>> {
  const ofTheRunner = Object.keys(process.env).filter((name) =>
    /^(npm_(?!config_(registry|cache|userconfig|globalconfig))|VITEST|NODE_ENV|LIVE_)/.test(name),
  );
  return {
    ...Object.fromEntries(ofTheRunner.map((name) => [name, undefined])),
    PORT: String(await freePort()),
    HOST: undefined,
    npm_config_prefer_offline: "true",
  };
}

/** Returns the blocks of the README's quick start, in order. */
function quickStart(): {
  readonly language: string;
  readonly file: string;
  readonly text: string;
}[] {
  const readme = readFileSync(join(clone.folder, "README.md"), "utf8");
  const section = /^## A view whose state comes back\n(.*?)^## /ms.exec(readme)?.[1] ?? "";
  return [...section.matchAll(/^```(\w+)(?: file=(\S+))?\n(.*?)^```$/gms)].map(
    ([, language = "", file = "", text = ""]) => ({ language, file, text }),
  );
}

test("the quick start works as the README prints it", { timeout: SLOW_MS }, async () => {
  const blocks = quickStart();
  const commands = blocks.filter(({ language }) => language === "sh").map(({ text }) => text);
  const files = blocks.filter(({ file }) => file !== "");
  expect(commands).toHaveLength(3);
  expect(files.map(({ file }) => file)).toEqual([
    "counter.ts",
    "server.ts",
    "app.ts",
    "tsconfig.json",
  ]);
  const [pack = "", install = "", start = ""] = commands;
  const env = await strangersEnv();
  const options = { env: { ...process.env, ...env } };

  await run("sh", ["-e", "-c", pack], { ...options, cwd: clone.folder });
  const folder = join(dirname(clone.folder), "counter");
  await run("sh", ["-e", "-c", install], { ...options, cwd: folder });
  for (const { file, text } of files) writeFileSync(join(folder, file), text);
  const server = await spawnServer({
    command: "sh",
    args: ["-e", "-c", start],
    cwd: folder,
    env,
    readyLine: /Ready at http:\/\/127\.0\.0\.1:(\d+)/,
    readyTimeoutMs: SLOW_MS,
  });
  onTestFinished(async () => {
    server.kill("SIGKILL");
    await server.exited;
  });

  const proxy = await startTcpProxy({ targetPort: Number(server.ready[1]) });
  onTestFinished(() => proxy.close());
  const page = await browser.newPage();
  const complaints: unknown[] = [];
  page.on("pageerror", (error) => complaints.push(error));
  await page.goto(`http://127.0.0.1:${proxy.port}/`);
  const joined = "[data-phx-main]:not(.phx-loading).phx-connected";
  const count = page.locator("output");
  await page.waitForSelector(joined);
  for (const expected of ["1", "2", "3"]) {
    await page.getByRole("button", { name: "Increment" }).click();
    await count.getByText(expected, { exact: true }).waitFor();
  }

  // The network is cut, and the page reconnects.
  const again = page.waitForEvent("websocket");
  proxy.cut();
  await again;
  await page.waitForSelector(joined);
  await count.getByText("3", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Increment" }).click();
  await count.getByText("4", { exact: true }).waitFor();

  // The command from the README.
  await page.evaluate("liveSocket.disconnect()");
  await page.waitForSelector("[data-phx-main]:not(.phx-connected)");
  await page.evaluate("liveSocket.connect()");
  await page.waitForSelector(joined);
  await count.getByText("4", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Reset" }).click();
  await count.getByText("0", { exact: true }).waitFor();

  expect(complaints).toEqual([]);
  expect(server.output()).toMatch(/a secret of its own, kept in/);
  expect(server.output()).not.toMatch(/expected|failed|Error/);
});

/** Returns the commands in an example's README that start a server. */
function startsOf(example: string): string[] {
  const readme = readFileSync(join(clone.folder, "examples", example, "README.md"), "utf8");
  const blocks = [...readme.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, text = ""]) => text);
  return blocks.flatMap((block) => block.trim().split("\n"));
}

async function start(command: string, readyLine: RegExp, cwd: string): Promise<SpawnedServer> {
  const server = await spawnServer({
    command: "sh",
    args: ["-c", `exec ${command}`],
    cwd,
    env: await strangersEnv(),
    readyLine,
    readyTimeoutMs: SLOW_MS,
  });
  onTestFinished(async () => {
    server.kill("SIGKILL");
    await server.exited;
  });
  return server;
}

const EXAMPLES: [example: string, commands: number, readyLine: RegExp][] = [
  ["file-adapter", 1, /Run 1 \(saved\)/],
  ["frameworks", 3, /ready at (http:\S+)/],
  ["showcase", 1, /ready at (http:\S+)/],
];

test.each(EXAMPLES)(
  "the example %s starts from a fresh clone by the commands in its README",
  { timeout: SLOW_MS },
  async (example, count, readyLine) => {
    const fresh = freshClone();
    onTestFinished(() => fresh.close());
    const commands = startsOf(example);
    expect(commands).toHaveLength(count);
    for (const [index, command] of commands.entries()) {
      const server = await start(command, readyLine, fresh.folder);
      const installed = /Installing dependencies with npm ci, because there are none yet/;
      expect(installed.test(server.output())).toBe(index === 0);
      const [, url] = server.ready;
      if (url !== undefined) expect((await fetch(url)).status).toBe(200);
      server.kill("SIGTERM");
      await server.exited;
    }
  },
);

import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { compilerErrors } from "../compiler-errors.ts";
import { freshClone } from "./fresh-clone.ts";

const run = promisify(execFile);
const repository = fileURLToPath(new URL("../..", import.meta.url));
const bin = (path: string): string => join(repository, "node_modules", path);
const PACKAGES = [
  "wire",
  "live-view",
  "stash",
  "stash-contract",
  "stash-redis",
  "stash-nats",
  "browser",
];
const SLOW_MS = 240_000;

/** A user's empty folder, in which only the packed packages are installed. */
let folder: string;
let tarballs: string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "live-stash-packed-"));
  await run(process.execPath, [bin("typescript/bin/tsc"), "-b", "tsconfig.build.json"], {
    cwd: repository,
  });
  const store = join(folder, "tarballs");
  mkdirSync(store);
  const workspaces = PACKAGES.flatMap((name) => ["-w", `packages/${name}`]);
  // Without scripts, which would build each package again.
  const packing = ["pack", "--ignore-scripts", "--pack-destination", store];
  await run("npm", [...packing, ...workspaces], { cwd: repository });
  tarballs = readdirSync(store).map((name) => join(store, name));
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }');
  await run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", ...tarballs], {
    cwd: folder,
  });
}, SLOW_MS);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test(
  "the tarballs hold what they say, for every way of resolving ESM",
  { timeout: SLOW_MS },
  async () => {
    expect(tarballs).toHaveLength(PACKAGES.length);
    const license = readFileSync(join(repository, "LICENSE"), "utf8");
    for (const tarball of tarballs) {
      await run(process.execPath, [bin("publint/src/cli.js"), tarball, "--strict"]);
      const attw = bin("@arethetypeswrong/cli/dist/index.js");
      await run(process.execPath, [attw, tarball, "--profile", "esm-only"]);
      const { stdout } = await run("tar", ["-xOf", tarball, "package/LICENSE"]);
      expect(stdout).toBe(license);
    }
  },
);

test(
  "each package builds itself when it is packed alone, in a clone where nothing was built",
  { timeout: 3 * SLOW_MS },
  async () => {
    const clone = freshClone();
    onTestFinished(() => clone.close());
    // The first package runs `npm ci` in the clone.
    const env = { ...process.env, npm_config_prefer_offline: "true" };
    const dist = (name: string): string => join(clone.folder, "packages", name, "dist");
    for (const name of PACKAGES) {
      for (const each of PACKAGES) rmSync(dist(each), { recursive: true, force: true });
      const cwd = join(clone.folder, "packages", name);
      await run("npm", ["pack"], { cwd, env });
      const [tarball = ""] = readdirSync(cwd).filter((file) => file.endsWith(".tgz"));
      const { stdout } = await run("tar", ["-tf", tarball], { cwd });
      expect([name, stdout.split("\n")]).toEqual([
        name,
        expect.arrayContaining(["package/dist/index.js", "package/dist/index.d.ts"]),
      ]);
    }
  },
);

test("a program of its own serves a page with them", { timeout: SLOW_MS }, async () => {
  writeFileSync(
    join(folder, "main.mjs"),
    `import { createLiveServer, html, live, liveView } from "@live-stash/live-view";
     import { createTestClient } from "@live-stash/live-view/testing";
     import { createMemoryAdapter, liveStash, recoverState, stash } from "live-stash";
     import { initLiveStash } from "@live-stash/browser";
     import { decodeFrame } from "@live-stash/wire";

     const view = liveView({
       name: "v",
       use: [liveStash({ storedKeys: ["n"], adapter: createMemoryAdapter() })],
       async mount(socket) {
         socket.assign({ n: 0 });
         await recoverState(socket);
       },
       handleEvent: {
         async add(socket) {
           socket.assign({ n: socket.assigns.n + 1 });
           await stash(socket);
         },
       },
       render: ({ n }) => html\`<p>\${n}</p>\`,
     });
     const server = createLiveServer({ routes: [live("/", view)] });
     const listening = await server.listen({ port: 0 });
     const response = await fetch(listening.url);
     const client = createTestClient(server, { params: (window) => initLiveStash({}, { window }) });
     const page = await client.visit("/");
     await page.pushEvent("add");
     await page.reconnect();
     console.log(response.status, page.text("p"), decodeFrame("[]"));
     await listening.close();`,
  );
  const { stdout } = await run(process.execPath, ["main.mjs"], { cwd: folder });
  expect(stdout.trim()).toBe("200 1 undefined");
});

test("the Redis adapter is an adapter of this live-stash", { timeout: SLOW_MS }, async () => {
  writeFileSync(
    join(folder, "redis.mjs"),
    `import { createRedisAdapter } from "@live-stash/redis";
     import { liveStash, StashError } from "live-stash";

     const adapter = createRedisAdapter({ url: "redis://127.0.0.1:1", timeoutMs: 50 });
     liveStash({ storedKeys: ["n"], adapter });
     const error = await adapter.forget({ id: "id", owner: "0000000000owner" }).catch((thrown) => thrown);
     console.log(error instanceof StashError, error.code);
     await adapter.close();`,
  );
  const { stdout } = await run(process.execPath, ["redis.mjs"], { cwd: folder });
  expect(stdout.trim()).toBe("true adapter_unavailable");
});

test("the NATS adapter is an adapter of this live-stash", { timeout: SLOW_MS }, async () => {
  writeFileSync(
    join(folder, "nats.mjs"),
    `import { createNatsAdapter, peersOverNats } from "@live-stash/nats";
     import { startNatsServer } from "@live-stash/nats/server";
     import { createMemoryAdapter, liveStash, StashError } from "live-stash";

     const server = await startNatsServer({ port: 0 });
     const adapter = createNatsAdapter({ servers: server.url });
     liveStash({ storedKeys: ["n"], adapter });
     const forgotten = await adapter.forget({ id: "id", owner: "0000000000owner" });
     const memory = createMemoryAdapter({ peers: peersOverNats({ servers: server.url }) });
     await memory.ready();
     await memory.close();
     await server.stop();
     await adapter.close();
     const error = await startNatsServer({ binary: "no-such-server" }).catch((thrown) => thrown);
     console.log(forgotten, error instanceof StashError, error.code);`,
  );
  const { stdout } = await run(process.execPath, ["nats.mjs"], { cwd: folder });
  expect(stdout.trim()).toBe("absent true adapter_unavailable");
});

test("an adapter is tested with the runner of Node.js", { timeout: SLOW_MS }, async () => {
  writeFileSync(
    join(folder, "adapter.test.mjs"),
    `import { describe, it } from "node:test";
     import { createMemoryAdapter } from "live-stash";
     import { adapterContract, createManualClock } from "@live-stash/contract";

     const clock = createManualClock();
     const create = () => createMemoryAdapter({ clock });
     const { capabilities } = create();
     adapterContract({ describe, it }, { name: "memory", capabilities, clock, create });`,
  );
  const args = ["--test", "--test-reporter=tap", "adapter.test.mjs"];
  const { stdout } = await run(process.execPath, args, { cwd: folder });
  expect(stdout).toMatch(/^# pass (4\d|[5-9]\d)$/m);
  expect(stdout).toMatch(/^# fail 0$/m);
  expect(stdout).toMatch(/^# skipped [1-9]/m);
});

test("its types compile without this repository's settings", { timeout: SLOW_MS }, async () => {
  writeFileSync(
    join(folder, "main.ts"),
    `import { html, liveView } from "@live-stash/live-view";
     import { createMemoryAdapter, liveStash } from "live-stash";
     export const view = liveView<{ count: number }>({
       name: "v",
       use: [liveStash({ storedKeys: ["count"], adapter: createMemoryAdapter() })],
       render: ({ count }) => html\`\${count}\`,
     });
     export const wrong = liveView<{ count: number }>({
       name: "w",
       // @ts-expect-error no such assign
       use: [liveStash({ storedKeys: ["cuont"], adapter: createMemoryAdapter() })],
       render: () => html\`\`,
     });`,
  );
  const settings = ["--strict", "--module", "nodenext", "--types", "node"];
  const args = [...settings, "--typeRoots", bin("@types"), "main.ts"];
  expect(await compilerErrors(args, folder)).toBe("");
});

// Plants wrong imports into a copy of the workspace, one at a time, and sees each refused.
import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeViolations, findGaps, followImports } from "./arrows.mjs";
import { workspaceFolder } from "./run-command.mjs";
import { houses, roomOf, wallName } from "./walls.cjs";

const STASH = "packages/stash/src";
const LIVE_VIEW = "packages/live-view/src";
const REDIS = "packages/stash-redis/src";
const NATS = "packages/stash-nats/src";
const CONTRACT = "packages/stash-contract/src";

/** @typedef {[file: string, imported: string, rule: string]} Plant */

/**
 * A file, what it must not import, and the rule that refuses it. `type` in front: as a type alone.
 *
 * @type {Plant[]}
 */
const walls = [
  [`${STASH}/live-stash.ts`, "./entries/metrics.ts", "stash/live-stash"],
  [`${STASH}/operations/save.ts`, "type ../live-stash.ts", "stash/operations"],
  [`${STASH}/operations/save.ts`, "../entries/adapter.ts", "stash/operations"],
  [`${STASH}/operations/save.ts`, "prom-client", "stash/operations"],
  [`${STASH}/background/keep-alive.ts`, "../operations/save.ts", "stash/background"],
  [
    `${STASH}/background/store-retries.ts`,
    "type ../operations/pending-recovery.ts",
    "stash/background",
  ],
  [`${STASH}/view/stashed-view.ts`, "type ../operations/persistent-load.ts", "stash/view"],
  [`${STASH}/view/stashed-view.ts`, "../background/keep-alive.ts", "stash/view"],
  [`${STASH}/options.ts`, "type ./operations/crashing-states.ts", "stash/options"],
  [`${STASH}/options.ts`, "./adapters/memory-adapter.ts", "stash/options"],
  [`${STASH}/options.ts`, "type ./view/stashed-view.ts", "stash/options"],
  [`${STASH}/token/token.ts`, "../memory/memory-store.ts", "stash/token"],
  [`${STASH}/token/scope.ts`, "type ../view/stashed-view.ts", "stash/token"],
  [`${STASH}/state/record.ts`, "type ../options.ts", "stash/state"],
  [`${STASH}/state/state-text.ts`, "type ../live-stash.ts", "stash/state"],
  [`${STASH}/memory/arena.ts`, "../operations/save.ts", "stash/memory"],
  [`${STASH}/memory/arena.ts`, "../peers/http/http-network.ts", "stash/memory"],
  [`${STASH}/memory/memory-store.ts`, "type ../adapters/memory-adapter-options.ts", "stash/memory"],
  [`${STASH}/memory/memory-store.ts`, "type ../peers/messages.ts", "stash/memory"],
  [`${STASH}/memory/expiry.ts`, "node:timers", "stash/memory-pure"],
  [`${STASH}/adapters/memory-adapter.ts`, "../view/stashed-view.ts", "stash/memory-adapter"],
  [`${STASH}/adapters/memory-adapter.ts`, "../peers/http/http-network.ts", "stash/memory-adapter"],
  [`${STASH}/peers/lookup.ts`, "./http/http-network.ts", "stash/peers"],
  [`${STASH}/peers/lookup.ts`, "type ../adapters/memory-adapter.ts", "stash/peers"],
  [`${STASH}/peers/http/http-network.ts`, "../../memory/memory-store.ts", "stash/peers-http"],
  [`${STASH}/adapters/browser-held-adapter.ts`, "../token/token.ts", "stash/browser-held-adapter"],
  [`${STASH}/store/adapter.ts`, "type ../options.ts", "stash/store"],
  [`${STASH}/store/bounded-call.ts`, "type ../view/stashed-view.ts", "stash/store"],
  [`${STASH}/crypto/seal.ts`, "../token/token.ts", "stash/crypto"],
  [`${STASH}/option-checks.ts`, "type ./options.ts", "stash/checks"],
  [`${STASH}/errors.ts`, "./index.ts", "stash/ground"],
  [`${STASH}/metrics/names.ts`, "../view/stashed-view.ts", "stash/metrics"],
  [`${LIVE_VIEW}/routing/router.ts`, "../channel/connection.ts", "live-view/routing"],
  [`${LIVE_VIEW}/routing/routes.ts`, "type ../runtime.ts", "live-view/routing"],
  [`${LIVE_VIEW}/diff/diff-list.ts`, "../runtime.ts", "live-view/diff"],
  [`${LIVE_VIEW}/diff/diff-list.ts`, "type ../lifecycle/view.ts", "live-view/diff"],
  [`${LIVE_VIEW}/template/html.ts`, "../routing/router.ts", "live-view/template"],
  [`${LIVE_VIEW}/template/html.ts`, "../limits.ts", "live-view/template"],
  [`${LIVE_VIEW}/template/html.ts`, "node:fs", "live-view/template-pure"],
  [`${LIVE_VIEW}/session/csrf.ts`, "type ../lifecycle/view.ts", "live-view/session"],
  [`${LIVE_VIEW}/lifecycle/view.ts`, "type ../channel/view-channel.ts", "live-view/lifecycle"],
  [`${LIVE_VIEW}/lifecycle/view.ts`, "../logging/notices.ts", "live-view/lifecycle"],
  [`${LIVE_VIEW}/lifecycle/view.ts`, "../session/signer.ts", "live-view-lifecycle-session"],
  [`${LIVE_VIEW}/runtime.ts`, "type ./channel/connection.ts", "live-view/runtime"],
  [`${LIVE_VIEW}/limits.ts`, "type ./session/session-source.ts", "live-view/limits"],
  [`${LIVE_VIEW}/logging/notices.ts`, "../server/live-server.ts", "live-view/logging"],
  [`${LIVE_VIEW}/channel/view-channel.ts`, "../transport/outbox.ts", "live-view/channel"],
  [`${LIVE_VIEW}/channel/view-channel.ts`, "ws", "live-view/channel"],
  [`${LIVE_VIEW}/transport/client-socket.ts`, "../template/html.ts", "live-view/transport"],
  [`${LIVE_VIEW}/first-render/render-page.ts`, "../diff/full-tree.ts", "live-view/first-render"],
  [`${LIVE_VIEW}/server/live-server.ts`, "../testing/test-client.ts", "live-view/server"],
  [`${LIVE_VIEW}/server/live-server.ts`, "live-stash", "live-view-imports-wire"],
  ["packages/wire/src/tree.ts", "type ./client-tree.ts", "wire/words"],
  ["packages/wire/src/frame.ts", "node:crypto", "wire/words-pure"],
  ["packages/browser/src/recovered-forms.ts", "./tokens.ts", "browser/forms"],
  [`${CONTRACT}/workbench.ts`, "./cases/races.ts", "stash-contract/bench"],
  [`${CONTRACT}/page-history.ts`, "type ./workbench.ts", "stash-contract/histories"],
  [`${REDIS}/redis-client.ts`, "./script-runner.ts", "stash-redis/client"],
  [`${REDIS}/script-runner.ts`, "type ./redis-options.ts", "stash-redis/runner"],
  [`${REDIS}/durability.ts`, "type ./redis-client.ts", "stash-redis/durability"],
  [`${REDIS}/lua/save.ts`, "../redis-errors.ts", "stash-redis/lua"],
  [`${REDIS}/stored-value.ts`, "redis", "stash-redis/values"],
  [`${REDIS}/redis-adapter.ts`, "../../stash/src/options.ts", "packages-by-name"],
  [`${NATS}/index.ts`, "./server/start-nats-server.ts", "stash-nats/index"],
  [`${NATS}/stream/stream.ts`, "../nats-adapter.ts", "stash-nats/stream"],
  [`${NATS}/mirror/mirror.ts`, "type ../log/stash-log.ts", "stash-nats/mirror"],
  [`${NATS}/peers/peer-envelope.ts`, "../stream/message.ts", "stash-nats/peers"],
  [`${NATS}/server/server-options.ts`, "../connection/managed-connection.ts", "stash-nats/server"],
  [`${NATS}/connection/managed-connection.ts`, "type ../nats-options.ts", "stash-nats/connection"],
  ["packages/test-servers/src/tcp-proxy.ts", "./start-redis.ts", "test-servers/network"],
  ["lab/src/report/page.ts", "../measure/series.ts", "lab/report"],
  ["lab/src/report/figures.ts", "../../test/sample-result.ts", "lab-tests-in-tests-only"],
  ["lab/src/app/bench-view.ts", "../measure/sampler.ts", "lab/app"],
  ["lab/src/load/live-page.ts", "type ../topology/start-node.ts", "lab/load"],
  ["lab/src/gates/gates.ts", "../report/verdict.ts", "lab/gates"],
  ["lab/src/topology/start-node.ts", "type ../run-lab.ts", "lab/topology"],
  ["lab/src/measure/series.ts", "../cli/duration.ts", "lab/measure"],
];

/**
 * Circles of two files in one room, each closed by a type alone, and the folder that has both.
 *
 * @type {[file: string, imported: string, folder: string][]}
 */
const circles = [
  [`${STASH}/token/envelope.ts`, "./token.ts", `${STASH}/token`],
  [`${STASH}/peers/peer-network.ts`, "./lookup.ts", `${STASH}/peers`],
  [`${STASH}/operations/persistent-load.ts`, "./recover.ts", `${STASH}/operations`],
  [`${LIVE_VIEW}/template/shape.ts`, "./template.ts", `${LIVE_VIEW}/template`],
  [`${LIVE_VIEW}/transport/http-traffic.ts`, "./upgrade.ts", `${LIVE_VIEW}/transport`],
  [`${REDIS}/script-batch.ts`, "./script-runner.ts", REDIS],
  ["lab/src/report/quantity.ts", "./figures.ts", "lab/src/report"],
];

const FOLDERS = ["packages", "lab", "examples", "tests", "benchmarks", "scripts"];

const FILES = ["package.json", "tsconfig.json", "tsconfig.base.json", ".dependency-cruiser.cjs"];

/** The copy. Its siblings are its own; other packages are those of the workspace. */
let copy = "";

/**
 * The imports of the copy before anything is planted.
 *
 * @type {import("./arrows.mjs").Cruise}
 */
let untouched;

beforeAll(async () => {
  copy = realpathSync(mkdtempSync(join(tmpdir(), "live-stash-walls-")));
  // Other tests write bundles beside the sources, and delete them meanwhile.
  const isCopied = (/** @type {string} */ path) =>
    !/[/](node_modules|dist|[.]bundled-[^/]+)$/.test(path);
  for (const name of [...FOLDERS, ...FILES]) {
    cpSync(join(workspaceFolder, name), join(copy, name), { recursive: true, filter: isCopied });
  }
  linkAll("node_modules");
  for (const name of readdirSync(join(copy, "packages"))) linkAll(`packages/${name}/node_modules`);
  untouched = await followImports(copy, FOLDERS);
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** @param {string} folder a `node_modules` */
function linkAll(folder) {
  const original = join(workspaceFolder, folder);
  if (!existsSync(original)) return;
  mkdirSync(join(copy, folder), { recursive: true });
  for (const name of readdirSync(original)) {
    if (name.startsWith(".")) continue;
    if (name.startsWith("@")) linkAll(`${folder}/${name}`);
    else symlinkSync(targetOf(join(original, name)), join(copy, folder, name));
  }
}

/** @param {string} path A package, or a link to a sibling. */
function targetOf(path) {
  const target = realpathSync(path);
  const inWorkspace = relative(realpathSync(workspaceFolder), target);
  return /^(packages|lab|examples|tests)(?!.*node_modules)/.test(inWorkspace)
    ? join(copy, inWorkspace)
    : target;
}

/**
 * Runs `look` while `file` has further imports.
 *
 * @template Result
 * @param {string} file
 * @param {readonly string[]} imports
 * @param {() => Promise<Result>} look
 */
async function withPlanted(file, imports, look) {
  const path = join(copy, file);
  const original = readFileSync(path, "utf8");
  writeFileSync(path, original + imports.map(statementOf).join(""));
  try {
    return await look();
  } finally {
    writeFileSync(path, original);
  }
}

/** @param {string} imported */
const pathOf = (imported) => imported.replace(/^type /, "");

/** @param {string} imported */
const statementOf = (imported) =>
  imported.startsWith("type ")
    ? `\nimport type {} from "${pathOf(imported)}";\n`
    : `\nimport "${imported}";\n`;

/**
 * The rules that one import breaks.
 *
 * @param {import("./arrows.mjs").Cruise} cruise
 * @param {string} file
 * @param {string} imported
 */
const rulesBroken = ({ summary }, file, imported) =>
  summary.violations
    .filter(
      ({ from, unresolvedTo }) =>
        from === file && unresolvedTo === pathOf(imported).replace(/^node:/, ""),
    )
    .map(({ rule }) => rule.name);

/** Follows the imports of a file, and not theirs. */
const alone = { maxDepth: 1 };

it("before anything is planted, nothing is refused and nothing is left out", () => {
  expect(describeViolations(untouched)).toEqual([]);
  expect(findGaps(untouched)).toEqual([]);
  const sources = untouched.modules.map(({ source }) => source);
  expect(sources).toEqual(expect.arrayContaining(walls.map(([file]) => file)));
});

describe("a wrong import is refused", () => {
  it.each(walls)("%s → %s by %s", async (file, imported, rule) => {
    const cruise = await withPlanted(file, [imported], () =>
      followImports(copy, [file], { ...alone, rules: [rule, "resolvable"] }),
    );
    expect(cruise.modules.map(({ source }) => source)).toContain(file);
    expect(rulesBroken(cruise, file, imported)).toEqual([rule]);
  });
});

describe("a circle is refused that a type closes", () => {
  it.each(circles)("%s → %s", async (file, imported, folder) => {
    const { summary } = await withPlanted(file, [`type ${imported}`], () =>
      followImports(copy, [folder]),
    );
    expect(new Set(summary.violations.map(({ rule }) => rule.name))).toEqual(
      new Set(["no-cycles"]),
    );
    const ways = summary.violations.map(({ cycle }) => cycle?.map(({ name }) => name));
    expect(ways).toContainEqual(expect.arrayContaining([file, join(dirname(file), imported)]));
  });
});

describe("every room is closed to those that it does not name", () => {
  it.each(houses)("$root", async (house) => {
    const files = house.rooms.map((room) => fileIn(house, room));
    const planted = files.map((file) => files.filter((other) => other !== file));
    const cruise = await withAllPlanted(files, planted, () => followImports(copy, [house.root]));
    for (const [index, room] of house.rooms.entries()) {
      const found = cruise.summary.violations
        .filter(({ from, rule }) => from === files[index] && rule.name === wallName(house, room))
        .map(({ to }) => roomOf(house, to)?.name);
      const closed = house.rooms.filter(
        ({ name }) => name !== room.name && !room.uses.includes(name),
      );
      expect(new Set(found), room.name).toEqual(new Set(closed.map(({ name }) => name)));
      // To all above it, at least.
      expect(closed).toEqual(expect.arrayContaining(house.rooms.slice(0, index)));
    }
  });
});

/**
 * @template Result
 * @param {readonly string[]} files
 * @param {readonly (readonly string[])[]} targets of each
 * @param {() => Promise<Result>} look
 * @returns {Promise<Result>}
 */
function withAllPlanted([file, ...files], [planted = [], ...targets], look) {
  if (file === undefined) return look();
  return withPlanted(
    file,
    planted.map((to) => importOf(file, to)),
    () => withAllPlanted(files, targets, look),
  );
}

/**
 * A file of a room.
 *
 * @param {import("./walls.cjs").House} house
 * @param {import("./walls.cjs").Room} room
 */
function fileIn(house, room) {
  const found = readdirSync(join(copy, house.root), { recursive: true, encoding: "utf8" })
    .map((path) => `${house.root}/${path.replaceAll("\\", "/")}`)
    .find(
      (source) =>
        source.endsWith(".ts") && !source.endsWith(".test.ts") && roomOf(house, source) === room,
    );
  if (found === undefined) throw new Error(`${house.root}: expected files in ${room.name}.`);
  return found;
}

/**
 * @param {string} from
 * @param {string} to
 */
function importOf(from, to) {
  const path = relative(dirname(from), to).replaceAll("\\", "/");
  return `type ${path.startsWith(".") ? path : `./${path}`}`;
}

it("a file without a room, and an arrow that nothing needs, are gaps", async () => {
  const house = houses.find(({ root }) => root === "packages/browser/src");
  if (house === undefined) throw new Error("Expected the browser's house.");
  const newcomer = `${house.root}/newcomer.ts`;
  writeFileSync(join(copy, newcomer), "export {};\n");
  const entry = join(copy, house.root, "tokens.ts");
  const original = readFileSync(entry, "utf8");
  writeFileSync(entry, original.replace(/^import .*tab-storage.*$/m, ""));
  try {
    const gaps = findGaps(await followImports(copy, FOLDERS));
    expect(gaps).toHaveLength(2);
    expect(gaps[0]).toContain(`no-room: ${newcomer}`);
    expect(gaps[1]).toContain("unused-arrow: packages/browser/src: tokens → storage");
  } finally {
    rmSync(join(copy, newcomer));
    writeFileSync(entry, original);
  }
});

it("npm run check says which import is refused, by which rule, and why", async () => {
  const file = `${STASH}/memory/arena.ts`;
  const cruise = await withPlanted(file, ["../operations/save.ts"], () =>
    followImports(copy, [file], alone),
  );
  const { code, stdout } = await withPlanted(file, ["../operations/save.ts"], checkArrows);
  expect(code).toBe(1);
  for (const text of describeViolations(cruise)) expect(stdout).toContain(text);
  expect(stdout).toContain(
    `stash/memory: ${file} → ${STASH}/operations/save.ts\n  The store of one`,
  );
  expect(await checkArrows()).toMatchObject({ code: 0 });
});

/** @returns {Promise<{ code: number, stdout: string }>} */
function checkArrows() {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(copy, "scripts/check-arrows.mjs")], (error, stdout) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout });
    });
  });
}

// npm run trips [-- --files]: counts what a reader passes through who follows one operation: the files
// entered, and the moves between files. A move is a function entered in another file than the function
// before. With --files, lists the files of each operation in the order in which they are entered.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { ensureDependencies } from "./dependencies.mjs";
import { ensureNats } from "./nats.mjs";
import { ensureRedis } from "./redis.mjs";
import { workspaceFolder } from "./run-command.mjs";
import { notedFunctions } from "./trips/noted-functions.mjs";

await ensureDependencies();
await ensureRedis("Counting trips needs");
await ensureNats("Counting trips needs");

const folder = join(workspaceFolder, "node_modules/.cache/trips");
mkdirSync(folder, { recursive: true });
const outfile = join(folder, "trips.mjs");
await build({
  entryPoints: [join(workspaceFolder, "scripts/trips/follow-operations.ts")],
  outfile,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  conditions: ["@live-stash/source"],
  plugins: [notedFunctions(workspaceFolder)],
});
const { followOperations } = /** @type {typeof import("./trips/follow-operations.ts")} */ (
  await import(pathToFileURL(outfile).href)
);
const trips = await followOperations();
const width = Math.max(...trips.map(({ name }) => name.length));
console.log(`\n${"operation".padEnd(width)}  files  moves`);
for (const { name, visits } of trips) {
  const files = new Set(visits);
  const moves = visits.filter((file, index) => index > 0 && file !== visits[index - 1]).length;
  console.log(
    `${name.padEnd(width)}  ${String(files.size).padStart(5)}  ${String(moves).padStart(5)}`,
  );
}
if (process.argv.includes("--files")) {
  for (const { name, visits } of trips) {
    console.log(`\n${name}\n  ${[...new Set(visits)].join("\n  ")}`);
  }
}

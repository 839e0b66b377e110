// Follows every import and refuses those against the architecture's arrows (.dependency-cruiser.cjs).
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { workspaceFolder } from "./run-command.mjs";

const folders = ["packages", "examples", "tests", "benchmarks", "lab", "scripts"].filter((folder) =>
  existsSync(join(workspaceFolder, folder)),
);
const { stdout, stderr } = spawnSync(
  process.execPath,
  [
    "node_modules/dependency-cruiser/bin/dependency-cruise.mjs",
    "--output-type=json",
    "--progress=none",
    ...folders,
  ],
  { cwd: workspaceFolder, encoding: "utf8", maxBuffer: 256 * 1024 * 1024 },
);
process.stderr.write(stderr);

const { modules, summary } = /** @type {import("dependency-cruiser").ICruiseResult} */ (
  JSON.parse(stdout)
);
const { violations, ruleSetUsed } = summary;
for (const { rule, from, to, cycle } of violations) {
  const way = [from, ...(cycle?.map(({ name }) => name) ?? [to])].join(" → ");
  const why = ruleSetUsed?.forbidden?.find(({ name }) => name === rule.name)?.comment;
  console.log(`${rule.name}: ${way}\n  ${why}`);
}

// Without a TypeScript that it understands it follows only JavaScript, and is content.
const typescriptImports = modules
  .filter(({ source }) => source.endsWith(".ts") && !source.startsWith("node_modules/"))
  .reduce((sum, { dependencies }) => sum + dependencies.length, 0);
if (typescriptImports === 0) {
  console.log("Expected to follow the imports of TypeScript modules, found none. Is it installed?");
}
console.log(
  `${modules.length} modules, ${typescriptImports} imports in TypeScript, ` +
    `${violations.length} against the arrows.`,
);
process.exitCode = violations.length === 0 && typescriptImports > 0 ? 0 : 1;

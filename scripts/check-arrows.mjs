// Follows every import and refuses those against the architecture's arrows.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describeViolations, findGaps, followImports } from "./arrows.mjs";
import { workspaceFolder } from "./run-command.mjs";

const folders = ["packages", "examples", "tests", "benchmarks", "lab", "scripts"].filter((folder) =>
  existsSync(join(workspaceFolder, folder)),
);
const cruise = await followImports(workspaceFolder, folders);
const problems = [...describeViolations(cruise), ...findGaps(cruise)];
for (const problem of problems) console.log(problem);

// Without a TypeScript that it understands it follows only JavaScript, and is content.
const typescriptImports = cruise.modules
  .filter(({ source }) => source.endsWith(".ts") && !source.startsWith("node_modules/"))
  .reduce((sum, { dependencies }) => sum + dependencies.length, 0);
if (typescriptImports === 0) {
  console.log("Expected to follow the imports of TypeScript modules, found none. Is it installed?");
}
console.log(
  `${cruise.modules.length} modules, ${typescriptImports} imports in TypeScript, ` +
    `${problems.length} against the arrows.`,
);
process.exitCode = problems.length === 0 && typescriptImports > 0 ? 0 : 1;

// Follows every import and refuses those against the architecture's arrows (.dependency-cruiser.cjs).
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { workspaceFolder } from "./run-command.mjs";

const folders = ["packages", "examples", "tests", "benchmarks", "lab", "scripts"].filter((folder) =>
  existsSync(join(workspaceFolder, folder)),
);
const { status, stdout, stderr } = spawnSync(
  process.execPath,
  ["node_modules/dependency-cruiser/bin/dependency-cruise.mjs", ...folders],
  { cwd: workspaceFolder, encoding: "utf8" },
);
process.stdout.write(stdout);
process.stderr.write(stderr);

// Without a TypeScript that it understands it finds no module and is content.
const modules = Number(/(\d+) modules/.exec(stdout)?.[1] ?? 0);
if (modules === 0) console.error("Expected to follow the imports of some modules, found none.");
process.exitCode = status === 0 && modules > 0 ? 0 : 1;

import { ensureDependencies } from "./dependencies.mjs";
import { runCommand, runTool } from "./run-command.mjs";

/** @type {[name: string, check: () => Promise<number>][]} */
const checks = [
  ["types", () => runTool("typescript/bin/tsc", ["--noEmit", "-p", "tsconfig.json"])],
  ["packages build", () => runTool("typescript/bin/tsc", ["-b", "tsconfig.build.json"])],
  ["lint", () => runTool("oxlint/bin/oxlint", ["--deny-warnings"])],
  ["format", () => runTool("oxfmt/bin/oxfmt", ["--check"])],
  ["arrows", () => runCommand(process.execPath, ["scripts/check-arrows.mjs"])],
  ["unused code and dependencies", () => runTool("knip/bin/knip.js", ["--no-config-hints"])],
];

await ensureDependencies();

const results = [];
for (const [name, check] of checks) {
  console.log(`\n— ${name}`);
  results.push({ name, failed: (await check()) !== 0 });
}

console.log();
for (const { name, failed } of results) console.log(`${failed ? "FAILED" : "ok    "} ${name}`);
process.exitCode = results.some(({ failed }) => failed) ? 1 : 0;

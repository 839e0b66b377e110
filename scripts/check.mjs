import { ensureDependencies } from "./dependencies.mjs";
import { runCommand, runTool } from "./run-command.mjs";

// npm run check [-- names of steps, such as: arrows language]
/** @type {[name: string, check: () => Promise<number>][]} */
const checks = [
  ["types", () => runTool("typescript/bin/tsc", ["--noEmit", "-p", "tsconfig.json"])],
  ["packages build", () => runTool("typescript/bin/tsc", ["-b", "tsconfig.build.json"])],
  ["lint", () => runTool("oxlint/bin/oxlint", ["--deny-warnings"])],
  ["format", () => runTool("oxfmt/bin/oxfmt", ["--check"])],
  ["arrows", () => runCommand(process.execPath, ["scripts/check-arrows.mjs"])],
  ["language", () => runCommand(process.execPath, ["scripts/check-comments.mjs"])],
  ["unused code and dependencies", () => runTool("knip/bin/knip.js", ["--no-config-hints"])],
];

await ensureDependencies();

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !checks.some(([known]) => known === name));
if (unknown.length > 0) {
  const names = checks.map(([name]) => `"${name}"`).join(", ");
  console.error(`check: expected some of ${names}, got "${unknown.join('", "')}".`);
  process.exit(2);
}

const results = [];
for (const [name, check] of checks) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  console.log(`\n— ${name}`);
  results.push({ name, failed: (await check()) !== 0 });
}

console.log();
for (const { name, failed } of results) console.log(`${failed ? "FAILED" : "ok    "} ${name}`);
process.exitCode = results.some(({ failed }) => failed) ? 1 : 0;

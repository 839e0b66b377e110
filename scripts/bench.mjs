// npm run bench [-- words in the names of the benchmark files to run]
import { fork } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ensureDependencies } from "./dependencies.mjs";
import { typescriptFlags, workspaceFolder } from "./run-command.mjs";

/** @typedef {import("../benchmarks/bench-row.ts").BenchRow} BenchRow */

await ensureDependencies();

const words = process.argv.slice(2).filter((argument) => argument !== "--");
const files = readdirSync(join(workspaceFolder, "benchmarks"))
  .filter((file) => file.endsWith(".bench.ts"))
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .sort();

/** @type {BenchRow[]} */
const rows = [];
let failed = files.length === 0;
for (const file of files) {
  console.log(`Running ${file}`);
  try {
    rows.push(...(await runBenchmark(file)));
  } catch (error) {
    console.error(error);
    failed = true;
  }
}
console.log(`\n${formatTable(rows)}`);

const missed = rows.filter((row) => row.pass === false).length;
const withTarget = rows.filter((row) => row.target !== undefined).length;
if (withTarget > 0) console.log(`\n${withTarget - missed} of ${withTarget} targets met.`);
process.exitCode = failed || missed > 0 ? 1 : 0;

/**
 * Each file in a process of its own: what one leaves in memory must not show in the next one's
 * figures.
 *
 * @param {string} file
 * @returns {Promise<readonly BenchRow[]>}
 */
function runBenchmark(file) {
  return new Promise((resolve, reject) => {
    const child = fork(join(workspaceFolder, "scripts/bench-file.mjs"), [file], {
      cwd: workspaceFolder,
      execArgv: ["--expose-gc", ...typescriptFlags],
    });
    /** @type {readonly BenchRow[] | undefined} */
    let fileRows;
    child.once("message", (message) => {
      fileRows = /** @type {readonly BenchRow[]} */ (message);
    });
    child.once("close", (code, signal) => {
      if (code === 0 && fileRows !== undefined) resolve(fileRows);
      else reject(new Error(`${file} gave no figures and ended with ${signal ?? `code ${code}`}.`));
    });
  });
}

/** @param {readonly BenchRow[]} rows */
function formatTable(rows) {
  const lines = [["figure", "value", "unit", "target", ""], ...rows.map(cellsOf)];
  const widthOf = (/** @type {number} */ column) =>
    Math.max(...lines.map((cells) => cells[column]?.length ?? 0));
  return lines
    .map((cells) =>
      cells
        .map((cell, at) => (at === 1 ? cell.padStart(widthOf(at)) : cell.padEnd(widthOf(at))))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** @param {BenchRow} row */
function cellsOf({ name, value, unit, target, pass }) {
  return [
    name,
    Number.isInteger(value) ? String(value) : value.toPrecision(4),
    unit,
    target === undefined ? "" : `≤ ${target}`,
    pass === undefined ? "" : pass ? "pass" : "FAIL",
  ];
}

// npm test [-- arguments of vitest, such as the files to run]
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureChromium } from "./chromium.mjs";
import { ensureDependencies } from "./dependencies.mjs";
import { ensureNats } from "./nats.mjs";
import { ensureNginx } from "./nginx.mjs";
import { ensurePrometheus } from "./prometheus.mjs";
import { readJson } from "./read-json.mjs";
import { ensureRedis } from "./redis.mjs";
import { runTool } from "./run-command.mjs";
import { countTests, formatCounts } from "./test-counts.mjs";

await ensureDependencies();
await ensureChromium();
await ensureRedis();
await ensureNginx();
await ensureNats();
await ensurePrometheus("The tests need");

const vitestArgs = process.argv.slice(2).filter((argument) => argument !== "--");
const folder = mkdtempSync(join(tmpdir(), "live-stash-test-"));
const reportPath = join(folder, "report.json");
let report;
let exitCode;
try {
  exitCode = await runTool("vitest/vitest.mjs", [
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${reportPath}`,
    ...vitestArgs,
  ]);
  report = /** @type {import("./test-counts.mjs").Report | undefined} */ (readJson(reportPath));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const counts = countTests(report, exitCode);
if (!report?.testResults.length) console.error("No test ran.");
console.log(formatCounts(counts));
process.exitCode = counts.failed === 0 ? 0 : 1;

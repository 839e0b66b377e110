// npm run lab [-- options, see --help]
import { ensureDependencies } from "./dependencies.mjs";
import { ensureNats } from "./nats.mjs";
import { ensureNginx } from "./nginx.mjs";
import { ensurePrometheus } from "./prometheus.mjs";
import { ensureRedis } from "./redis.mjs";
import { runCommand, runTool, typescriptFlags } from "./run-command.mjs";

const args = process.argv.slice(2);
const readsOnly = args[0] === "compare" || args[0] === "gates";
const startsNothing = readsOnly || args.includes("--help") || args.includes("-h");

await ensureDependencies();
if (!startsNothing) await prepare();
if (!process.exitCode) {
  process.exitCode = await runCommand(process.execPath, [
    ...typescriptFlags,
    "lab/src/lab.ts",
    ...args,
  ]);
}
// Ratios of the whole first, then those of its parts.
if (args[0] === "gates" && process.exitCode !== 2) {
  const benchCode = await runCommand(process.execPath, ["scripts/bench.mjs"]);
  if (benchCode !== 0) process.exitCode = benchCode;
}

/** The services, and the packages as they are published: the application is measured as deployed. */
async function prepare() {
  await ensureNginx("The lab needs");
  await ensureRedis("The lab needs");
  await ensureNats("The lab needs");
  if (!args.includes("--no-prometheus")) await ensurePrometheus();
  process.exitCode = await runTool("typescript/bin/tsc", ["-b", "tsconfig.build.json"]);
}

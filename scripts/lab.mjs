// npm run lab [-- options, see --help]
import { ensureDependencies } from "./dependencies.mjs";
import { ensureNats } from "./nats.mjs";
import { ensureNginx } from "./nginx.mjs";
import { ensurePrometheus } from "./prometheus.mjs";
import { ensureRedis } from "./redis.mjs";
import { runCommand, runTool, typescriptFlags } from "./run-command.mjs";

const args = process.argv.slice(2);
const startsNothing = args.includes("--help") || args.includes("-h") || args[0] === "compare";

await ensureDependencies();
if (!startsNothing) await prepare();
if (!process.exitCode) {
  process.exitCode = await runCommand(process.execPath, [
    ...typescriptFlags,
    "lab/src/lab.ts",
    ...args,
  ]);
}

/** The services, and the packages as they are published: the application is measured as deployed. */
async function prepare() {
  await ensureNginx("The lab needs");
  await ensureRedis("The lab needs");
  await ensureNats("The lab needs");
  if (!args.includes("--no-prometheus")) await ensurePrometheus();
  process.exitCode = await runTool("typescript/bin/tsc", ["-b", "tsconfig.build.json"]);
}

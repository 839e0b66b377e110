import { ensureDependencies } from "./dependencies.mjs";
import { runTool } from "./run-command.mjs";

await ensureDependencies();
process.exitCode = await runTool("typescript/bin/tsc", ["-b", "tsconfig.build.json"]);

import { ensureDependencies } from "./dependencies.mjs";
import { runCommand, typescriptFlags } from "./run-command.mjs";

await ensureDependencies();
process.exitCode = await runCommand(process.execPath, [
  ...typescriptFlags,
  "examples/showcase/src/supervisor.ts",
  ...process.argv.slice(2),
]);

// npm start -w examples/NAME [-- arguments]: runs the example whose folder npm started this in.
import { basename } from "node:path";
import { ensureDependencies } from "./dependencies.mjs";
import { runCommand, typescriptFlags } from "./run-command.mjs";

const main = `examples/${basename(process.cwd())}/src/main.ts`;
await ensureDependencies();
process.exitCode = await runCommand(process.execPath, [
  ...typescriptFlags,
  main,
  ...process.argv.slice(2),
]);

// npm run lab [-- options, see --help]
import { compareCommand } from "./cli/compare-command.ts";
import { gatesCommand } from "./cli/gates-command.ts";
import { parseLabArguments, usage } from "./cli/lab-arguments.ts";
import { runCommand } from "./cli/run-command.ts";
import { serveCommand } from "./cli/serve-command.ts";

const stopping = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.on(name, () => stopping.abort());
}

const command = parseLabArguments(process.argv.slice(2));
process.exitCode = await run();

async function run(): Promise<number> {
  switch (command.kind) {
    case "help":
      console.log(usage);
      return 0;
    case "problem":
      console.error(`${command.problem}\n\n${usage}`);
      return 2;
    case "run":
      return runCommand(command, stopping.signal);
    case "serve":
      return serveCommand(command, stopping.signal);
    case "compare":
      return readable(() => compareCommand(command));
    case "gates":
      return readable(() => gatesCommand(command.file, command.controlFile));
  }
}

/** Prints a user's error, such as a file that is no result, without a stack trace. */
async function readable(act: () => Promise<number>): Promise<number> {
  try {
    return await act();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 2;
  }
}

import { spawn, type ChildProcess } from "node:child_process";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";
import { readPort } from "./read-port.ts";
import { RESTART_EXIT_CODE } from "./restart-exit-code.ts";

const serverPath = fileURLToPath(new URL("./server.ts", import.meta.url));

let server: ChildProcess | undefined;
let isStopping = false;

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    // A signal may come from a terminal, a parent and a service manager at once. The server gets it from
    // this process only, and once: a second signal would end it without its drain.
    if (isStopping) return;
    isStopping = true;
    server?.kill(signal);
  });
}

/** Runs the server until it ends. Resolves with its exit code: 128 + the number of a signal, as in shells. */
function runServer(): Promise<number> {
  return new Promise((resolve, reject) => {
    server = spawn(process.execPath, [...process.execArgv, serverPath], {
      // A detached process gets no Ctrl-C itself. The channel notifies it when this process ends.
      detached: true,
      stdio: ["inherit", "inherit", "inherit", "ipc"],
    });
    server.once("error", reject);
    server.once("exit", (code, signal) => {
      resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]);
    });
  });
}

checkPort();
console.log("Starting the LiveStash showcase. Ctrl-C ends it.");

let exitCode = await runServer();
while (exitCode === RESTART_EXIT_CODE && !isStopping) {
  console.log("The server was asked to restart: starting a new process.");
  exitCode = await runServer();
}
process.exitCode = exitCode === RESTART_EXIT_CODE ? 0 : exitCode;

function checkPort(): void {
  try {
    readPort(process.env.PORT);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  }
}

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";
import { RESTART_EXIT_CODE } from "./restart-exit-code.ts";

const serverPath = fileURLToPath(new URL("./server.ts", import.meta.url));

/**
 * Secrets that outlast the server's processes: so pages and what browsers hold stay good over a
 * restart, and what is lost is only what was in memory.
 */
const env: NodeJS.ProcessEnv = {
  LIVE_VIEW_SECRET: randomBytes(32).toString("base64url"),
  LIVE_STASH_SECRET: randomBytes(32).toString("base64url"),
  ...process.env,
};

/** Runs the server until it ends. Resolves with its exit code, as shells have it. */
function runServer(): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...process.execArgv, serverPath], {
      env,
      stdio: "inherit",
    });
    // A terminal sends Ctrl-C to both. A second SIGINT would end the server without its drain.
    const interrupt = (): boolean => process.stdin.isTTY || child.kill("SIGINT");
    const terminate = (): boolean => child.kill("SIGTERM");
    process.on("SIGINT", interrupt);
    process.on("SIGTERM", terminate);
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      process.off("SIGINT", interrupt);
      process.off("SIGTERM", terminate);
      resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]);
    });
  });
}

const { HOST: host = "127.0.0.1", PORT: port = "4000" } = process.env;
console.log(`LiveStash showcase: open http://${host}:${port} in a browser. Ctrl-C ends it.`);

let exitCode = await runServer();
while (exitCode === RESTART_EXIT_CODE) {
  console.log("The server was asked to restart: starting a new process.");
  exitCode = await runServer();
}
process.exitCode = exitCode;

import { spawn } from "node:child_process";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

/** The repository's folder, in which all commands run. */
export const workspaceFolder = fileURLToPath(new URL("..", import.meta.url));

/** Siblings in the workspace resolve to their source, which Node reads through tsx. */
export const typescriptFlags = ["--conditions=@live-stash/source", "--import", "tsx"];

/**
 * Runs a command on this terminal and in the repository's folder, and forwards SIGINT and SIGTERM to it.
 * Resolves with the exit code, which is 128 + the signal's number after a signal, as in shells.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import("node:child_process").SpawnOptions} [options]
 * @returns {Promise<number>}
 */
export function runCommand(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: "inherit", cwd: workspaceFolder, ...options });
    // A terminal sends Ctrl-C to both. A second SIGINT would make many programs quit at once.
    const interrupt = () => process.stdin.isTTY || child.kill("SIGINT");
    const terminate = () => child.kill("SIGTERM");
    process.on("SIGINT", interrupt);
    process.on("SIGTERM", terminate);
    const forget = () => {
      process.off("SIGINT", interrupt);
      process.off("SIGTERM", terminate);
    };
    child.once("error", (cause) => {
      forget();
      reject(new Error(`Running \`${command} ${args.join(" ")}\` failed.`, { cause }));
    });
    child.once("close", (code, signal) => {
      forget();
      resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]);
    });
  });
}

/**
 * Runs a tool of this workspace with this Node.js, without npx.
 *
 * @param {string} scriptPath below `node_modules`, such as "vitest/vitest.mjs"
 * @param {readonly string[]} args
 * @returns {Promise<number>}
 */
export function runTool(scriptPath, args) {
  return runCommand(process.execPath, [`node_modules/${scriptPath}`, ...args]);
}

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { runCommand } from "./run-command.mjs";

const programs = ["redis-server", "redis-cli"];

/**
 * Makes sure that the tests can start Redis servers of their own. Installs Debian's Redis if it can,
 * else says what to install and ends the process.
 */
export async function ensureRedis() {
  if (programs.every(isOnPath)) return;
  if (process.getuid?.() !== 0 || !isExecutable("/usr/bin/apt-get")) {
    giveUp(`The tests need ${programs.join(" and ")} on PATH.`);
  }
  console.log("Installing Redis for the tests with apt-get.");
  // The tests start servers of their own, so the package must not start one.
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  const code =
    (await runCommand("apt-get", ["update"], { env })) ||
    (await runCommand("apt-get", ["install", "-y", "redis-server"], { env }));
  if (code !== 0) giveUp(`apt-get failed with exit code ${code}.`);
  if (!programs.every(isOnPath)) giveUp("apt-get installed redis-server, but it is not on PATH.");
}

/** @param {string} program */
function isOnPath(program) {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.some((folder) => folder !== "" && isExecutable(join(folder, program)));
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {string} problem
 * @returns {never}
 */
function giveUp(problem) {
  console.error(`${problem}
  Debian, Ubuntu: sudo apt-get install redis-server
  macOS:          brew install redis`);
  process.exit(1);
}

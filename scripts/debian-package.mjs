import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { runCommand } from "./run-command.mjs";

/** Debian keeps servers here, which is not on every user's PATH. */
const serverFolders = ["/usr/sbin", "/usr/local/sbin"];

/**
 * @typedef {object} NeededPackage
 * @property {string} name Debian's and Ubuntu's name for it, such as "redis-server"
 * @property {string} title what people call it, such as "Redis"
 * @property {readonly string[]} programs what must be found, such as ["redis-server", "redis-cli"]
 * @property {string} neededBy who needs it, with the verb, such as "The tests need"
 * @property {string} elsewhere how to install it on macOS, such as "brew install redis"
 */

/**
 * Makes sure that this process and its children can start a package's programs. Installs Debian's
 * package if it can, else says what to install and ends the process.
 *
 * @param {NeededPackage} needed
 */
export async function ensureDebianPackage(needed) {
  const { name, title, programs, neededBy, elsewhere } = needed;
  if (programs.every(isFound)) return;
  const problem =
    (await installDebianPackage(name, title)) ??
    (programs.every(isFound) ? undefined : `apt-get installed ${name}, but it is not on PATH.`);
  if (problem === undefined) return;
  console.error(`${neededBy} ${title}: ${programs.join(" and ")} on PATH. ${problem}
  Debian, Ubuntu: sudo apt-get install ${name}
  macOS:          ${elsewhere}`);
  process.exit(1);
}

/**
 * Installs a package with apt-get, without starting the service that comes with it.
 *
 * @param {string} name
 * @param {string} title
 * @returns {Promise<string | undefined>} why that did not work, or undefined if it did
 */
export async function installDebianPackage(name, title) {
  if (process.getuid?.() !== 0 || !isExecutable("/usr/bin/apt-get")) {
    return "It is not here, and only root on Debian or Ubuntu can have it installed from here.";
  }
  console.log(`Installing ${title} with apt-get.`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  const code =
    (await runCommand("apt-get", ["update"], { env })) ||
    (await runCommand("apt-get", ["install", "-y", name], { env }));
  return code === 0 ? undefined : `apt-get failed with exit code ${code}.`;
}

/** @param {string} path */
export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether a program is on PATH. If it is only where Debian keeps servers, PATH gets that folder.
 *
 * @param {string} program
 */
function isFound(program) {
  const path = process.env.PATH ?? "";
  const has = (/** @type {string} */ folder) => isExecutable(join(folder, program));
  if (path.split(delimiter).some((folder) => folder !== "" && has(folder))) return true;
  const folder = serverFolders.find(has);
  if (folder !== undefined) process.env.PATH = `${path}${delimiter}${folder}`;
  return folder !== undefined;
}

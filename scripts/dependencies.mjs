import { readJson } from "./read-json.mjs";
import { runCommand } from "./run-command.mjs";

const minMajor = 20;
const minMinor = 19;

/** @typedef {Record<string, { version?: string, optional?: boolean }>} Packages by folder */

/**
 * Makes sure that this Node.js is new enough and that the installed dependencies are those of
 * `package-lock.json`; installs them if not. Takes some milliseconds when there is nothing to do.
 */
export async function ensureDependencies() {
  requireNodeVersion(process.versions.node);
  const wanted = packagesIn("package-lock.json") ?? {};
  // npm writes this copy of the lock at the very end, so it is absent after an interrupted install.
  const installed = packagesIn("node_modules/.package-lock.json");
  const reason = reasonToInstall(wanted, installed);
  if (reason === undefined) return;

  console.log(`Installing dependencies with npm ci, because ${reason}.`);
  const npm = process.env.npm_execpath;
  const options = { env: envOfAllWorkspaces() };
  const code =
    npm === undefined
      ? await runCommand("npm", ["ci"], options)
      : await runCommand(process.execPath, [npm, "ci"], options);
  if (code !== 0) {
    console.error(`npm ci failed with exit code ${code}. See its output above.`);
    process.exit(1);
  }
}

/** Returns the environment without the variables of `npm start -w …`, which would limit the install. */
function envOfAllWorkspaces() {
  const isOfWorkspace = (/** @type {string} */ name) =>
    /^npm_config_(include_)?workspace/i.test(name);
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isOfWorkspace(name)));
}

/** @param {string} version such as "20.19.0" */
function requireNodeVersion(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > minMajor || (major === minMajor && minor >= minMinor)) return;
  console.error(
    `This repository needs Node.js ${minMajor}.${minMinor} or newer, and this is ${version}. ` +
      "Install a newer one from https://nodejs.org or with your version manager.",
  );
  process.exit(1);
}

/**
 * @param {string} lockPath
 * @returns {Packages | undefined}
 */
function packagesIn(lockPath) {
  const lock = /** @type {{ packages: Packages } | undefined} */ (readJson(lockPath));
  return lock?.packages;
}

/**
 * Optional packages are for other platforms, so they may be missing; what is installed must be the
 * wanted version.
 *
 * @param {Packages} wanted
 * @param {Packages | undefined} installed
 * @returns {string | undefined}
 */
function reasonToInstall(wanted, installed) {
  if (installed === undefined) return "there are none yet";
  for (const [path, { version, optional }] of Object.entries(wanted)) {
    const found = installed[path];
    if (path === "" || (optional && found === undefined)) continue;
    if (found === undefined) return `${path} is missing`;
    if (found.version !== version) return `${path} is not of version ${version}`;
  }
  return undefined;
}

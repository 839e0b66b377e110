import { accessSync, constants } from "node:fs";
import { readJson } from "./read-json.mjs";
import { runCommand } from "./run-command.mjs";

/**
 * Makes sure that there is a Chromium or Chrome for the browser tests. Installs Debian's if it can,
 * else says what to install and ends the process.
 */
export async function ensureChromium() {
  const chosen = process.env.CHROMIUM_PATH;
  if (chosen) {
    if (isExecutable(chosen)) return;
    giveUp(`CHROMIUM_PATH is ${chosen}, which is not an executable file.`);
  }
  if (isInstalled()) return;

  if (process.getuid?.() === 0 && isExecutable("/usr/bin/apt-get")) {
    console.log("Installing Chromium for the browser tests with apt-get.");
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const code =
      (await runCommand("apt-get", ["update"], { env })) ||
      (await runCommand("apt-get", ["install", "-y", "chromium"], { env }));
    if (code !== 0) giveUp(`apt-get failed with exit code ${code}.`);
    if (!isInstalled()) giveUp("apt-get installed chromium, but not in a place we know.");
    return;
  }
  giveUp("The browser tests need Chromium or Chrome, and there is none in the usual places.");
}

/** The list is also read by the tests themselves, so that both look in the same places. */
function isInstalled() {
  const pathsByPlatform = /** @type {Record<string, string[]>} */ (
    readJson("packages/test-servers/src/chromium-paths.json")
  );
  return (pathsByPlatform[process.platform] ?? []).some(isExecutable);
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

/** @param {string} problem */
function giveUp(problem) {
  console.error(`${problem}
  Debian, Ubuntu: sudo apt-get install chromium
  macOS:          brew install --cask google-chrome
  elsewhere:      set CHROMIUM_PATH to the executable of a Chromium or Chrome`);
  process.exit(1);
}

import { installDebianPackage, isExecutable } from "./debian-package.mjs";
import { readJson } from "./read-json.mjs";

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

  const problem =
    (await installDebianPackage("chromium", "Chromium")) ??
    (isInstalled() ? undefined : "apt-get installed chromium, but not in a place we know.");
  if (problem !== undefined) giveUp(`The browser tests need Chromium or Chrome. ${problem}`);
}

/** The list is also read by the tests themselves, so that both look in the same places. */
function isInstalled() {
  const pathsByPlatform = /** @type {Record<string, string[]>} */ (
    readJson("packages/test-servers/src/chromium-paths.json")
  );
  return (pathsByPlatform[process.platform] ?? []).some(isExecutable);
}

/** @param {string} problem */
function giveUp(problem) {
  console.error(`${problem}
  Debian, Ubuntu: sudo apt-get install chromium
  macOS:          brew install --cask google-chrome
  elsewhere:      set CHROMIUM_PATH to the executable of a Chromium or Chrome`);
  process.exit(1);
}

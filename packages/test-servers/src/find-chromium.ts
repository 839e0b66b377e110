import { accessSync, constants } from "node:fs";
import pathsByPlatform from "./chromium-paths.json" with { type: "json" };

/**
 * Finds the Chromium or Chrome for the browser tests: the one that `CHROMIUM_PATH` names, else the first
 * that is installed at a usual path.
 *
 * @throws Error if `CHROMIUM_PATH` is wrong, or no browser is installed. The message says what to do.
 */
export function findChromium(
  env: Readonly<Record<string, string | undefined>> = process.env,
  paths: readonly string[] = usualPaths(process.platform),
): string {
  const chosen = env["CHROMIUM_PATH"];
  if (chosen !== undefined && chosen !== "") {
    if (isExecutable(chosen)) return chosen;
    throw new Error(
      `Looking for Chromium: CHROMIUM_PATH is ${chosen}, which is not an executable file. ` +
        "Set it to the browser's executable, or unset it.",
    );
  }
  const found = paths.find(isExecutable);
  if (found !== undefined) return found;
  throw new Error(
    `Looking for Chromium: expected it at one of ${paths.join(", ") || "no known path"}, ` +
      "got none. Install it (Debian: apt-get install chromium, macOS: brew install --cask " +
      "google-chrome), or set CHROMIUM_PATH to the executable of a Chromium or Chrome.",
  );
}

function usualPaths(platform: NodeJS.Platform): readonly string[] {
  return platform === "linux" || platform === "darwin" ? pathsByPlatform[platform] : [];
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

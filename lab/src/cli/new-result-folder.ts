import { join } from "node:path";
import { fileURLToPath } from "node:url";

const resultsFolder = fileURLToPath(new URL("../../results/", import.meta.url));

/** Names a command's default output folder, such as `lab/results/2026-11-24T13-45-00-small`. */
export function newResultFolder(startedAt: string, ...words: readonly string[]): string {
  return join(resultsFolder, [startedAt.slice(0, 19).replaceAll(":", "-"), ...words].join("-"));
}

import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { workspaceFolder } from "./run-command.mjs";

/**
 * @param {string} path below the repository's folder, or absolute
 * @returns {unknown} what the file says, or undefined if there is none
 */
export function readJson(path) {
  const file = resolve(workspaceFolder, path);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}

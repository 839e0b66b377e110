import { readFileSync } from "node:fs";

/** For everything that is no connection. */
const OTHER_FILES = 500;
/** nginx has one connection to the user and one to the node. */
const FILES_PER_CONNECTION = 2;

/**
 * Whether each process may open as many files as it will have connections; if not, answers what is
 * wrong and what to do.
 */
export function openFilesProblem(connections: number, limits = readLimits()): string | undefined {
  const limit = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  const needed = FILES_PER_CONNECTION * connections + OTHER_FILES;
  if (needed <= limit) return undefined;
  return (
    `So many users need ${needed} open files in nginx, and this shell allows ${limit}. ` +
    `Allow more with \`ulimit -n ${needed}\`, or use fewer --users.`
  );
}

function readLimits(): string {
  try {
    return readFileSync("/proc/self/limits", "utf8");
  } catch {
    // Another system: it will tell by itself.
    return "";
  }
}

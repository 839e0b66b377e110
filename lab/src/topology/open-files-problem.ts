import { readFileSync } from "node:fs";

/** Open files besides connections: a margin. */
const OTHER_FILES = 500;
/** nginx has one connection to the user and one to the node. */
const FILES_PER_CONNECTION = 2;

/**
 * Checks that each process may open enough files for its connections. If not, returns a message that
 * says what to do.
 */
export function openFilesProblem(connections: number, limits = readLimits()): string | undefined {
  const limit = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  const needed = FILES_PER_CONNECTION * connections + OTHER_FILES;
  if (needed <= limit) return undefined;
  return (
    `The users' connections need ${needed} open files in nginx, and this shell allows ${limit}. ` +
    `Allow more with \`ulimit -n ${needed}\`, or use fewer --users.`
  );
}

function readLimits(): string {
  try {
    return readFileSync("/proc/self/limits", "utf8");
  } catch {
    // Not Linux: nginx itself reports a limit that is too low.
    return "";
  }
}

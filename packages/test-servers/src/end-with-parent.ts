import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";

/**
 * The guard waits for a line that this process writes when the server has ended. If the guard's input
 * ends without that line, this process has ended for any reason, and the guard kills the group.
 */
const guardScript = 'read -r over && exit 0; kill -s KILL -- "-$1"';

/**
 * Ends a child, and the process group that it leads, when this process ends.
 *
 * @returns A function that signals the group.
 */
export function endWithParent(
  child: ChildProcess,
  groupId: number,
): (signal?: NodeJS.Signals) => void {
  const guard = spawn("/bin/sh", ["-c", guardScript, "guard", String(groupId)], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  guard.unref();
  // A guard that was killed cannot be notified.
  guard.stdin.on("error", () => {});

  const allIsOver = (): void => {
    // Processes that the server has started and left behind, which also keep the output open.
    signalGroup(groupId, "SIGKILL");
    guard.stdin.end("over\n");
  };
  if (hasExited(child)) allIsOver();
  else child.once("exit", allIsOver);

  return (signal = "SIGTERM") => {
    if (!hasExited(child)) signalGroup(groupId, signal);
  };
}

function hasExited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function signalGroup(groupId: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-groupId, signal);
  } catch (error) {
    const isGroupGone = error instanceof Error && "code" in error && error.code === "ESRCH";
    if (!isGroupGone) throw error;
  }
}

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";

/**
 * Waits for a line that this process writes when all is over. If its input ends without one, this
 * process is gone, whatever the way it went, and the group is killed.
 */
const guardScript = 'read -r over && exit 0; kill -s KILL -- "-$1"';

/**
 * Makes a child that leads a process group end, with its group, when this process ends, and gives
 * the function that signals the group.
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
  // If somebody killed the guard there is nobody to tell that all is over.
  guard.stdin.on("error", () => {});

  const allIsOver = (): void => {
    // What the server itself started and left behind. It also keeps the output open.
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
    const nobodyLeft = error instanceof Error && "code" in error && error.code === "ESRCH";
    if (!nobodyLeft) throw error;
  }
}

import { spawn, type ChildProcess } from "node:child_process";

/**
 * Waits for a line that this process writes when all is over. If its input ends without one, this
 * process is gone, whatever the way it went, and the child is killed.
 */
const GUARD = 'read -r over && exit 0; kill -s KILL "$1"';

/** Ends a child when this process ends, even if that is killed with `SIGKILL`. */
export function endWithParent(child: ChildProcess, pid: number): void {
  const guard = spawn("/bin/sh", ["-c", GUARD, "guard", String(pid)], {
    stdio: ["pipe", "ignore", "ignore"],
    // A Ctrl-C in the terminal is for this process, which has its own way of stopping.
    detached: true,
  });
  guard.unref();
  // Without a guard the child may outlive this process, and nothing else is lost.
  guard.on("error", () => {});
  guard.stdin.on("error", () => {});
  if (child.exitCode === null && child.signalCode === null) {
    child.once("exit", () => guard.stdin.end("over\n"));
  } else {
    guard.stdin.end("over\n");
  }
}

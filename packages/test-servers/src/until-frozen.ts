import { readdirSync, readFileSync } from "node:fs";

const CHECK_MS = 1;
const FREEZES_WITHIN_MS = 5_000;

/**
 * Waits until all threads of a process have stopped after `SIGSTOP`. On a busy machine they continue, and
 * may answer, until one of them is scheduled and handles the signal.
 *
 * Blocks this process meanwhile, so that it sends nothing. Does nothing without `/proc`.
 */
export function untilFrozen(pid: number): void {
  const pause = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  for (let waitedMs = 0; waitedMs < FREEZES_WITHIN_MS; waitedMs += CHECK_MS) {
    if (threadStates(pid).every((state) => state === "T")) return;
    Atomics.wait(pause, 0, 0, CHECK_MS);
  }
}

/** Returns each thread's state: `R` is running, `S` sleeping, `T` stopped. */
function threadStates(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((thread) => {
      const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, "latin1");
      // The state follows the name, which may contain anything and ends with the last parenthesis.
      return stat.charAt(stat.lastIndexOf(")") + 2);
    });
  } catch {
    // The process has ended, or this is not Linux.
    return [];
  }
}

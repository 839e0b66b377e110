import { readdirSync, readFileSync } from "node:fs";

const CHECK_MS = 1;
const FREEZES_WITHIN_MS = 5_000;

/**
 * Waits until no thread of a process that got `SIGSTOP` runs any more: on a busy machine the others go
 * on until one of them has found time to take the signal, and may answer meanwhile.
 *
 * Holds this process still, too, so that nothing is sent in between. Without `/proc` it does nothing.
 */
export function untilFrozen(pid: number): void {
  const pause = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  for (let waitedMs = 0; waitedMs < FREEZES_WITHIN_MS; waitedMs += CHECK_MS) {
    if (threadStates(pid).every((state) => state === "T")) return;
    Atomics.wait(pause, 0, 0, CHECK_MS);
  }
}

/** `R` runs, `S` sleeps, `T` is stopped. */
function threadStates(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((thread) => {
      const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, "latin1");
      // Behind the name, which may hold anything but ends with the last parenthesis.
      return stat.charAt(stat.lastIndexOf(")") + 2);
    });
  } catch {
    // The process is gone, or this is no Linux.
    return [];
  }
}

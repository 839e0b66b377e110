import { readdirSync, readFileSync } from "node:fs";

/** The CPU time and memory of a process and its children. */
export interface ProcessUsage {
  readonly cpuMs: number;
  readonly rssBytes: number;
}

// The kernel's units, which are the same on all Linux platforms that Node.js supports.
const MS_PER_TICK = 10;
const BYTES_PER_PAGE = 4_096;

/** Reads a process's usage from /proc. It is 0 for a process that has ended. */
export function processUsage(pid: number): ProcessUsage {
  const total = { cpuMs: 0, rssBytes: 0 };
  for (const each of [pid, ...childrenOf(pid)]) {
    const usage = usageOf(each);
    total.cpuMs += usage.cpuMs;
    total.rssBytes += usage.rssBytes;
  }
  return total;
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, "utf8")
        .split(" ")
        .filter((child) => child !== "")
        .map(Number),
    );
  } catch {
    return [];
  }
}

function usageOf(pid: number): ProcessUsage {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name, the second field, may contain spaces and parentheses; later fields do not.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticks = Number(fields[11]) + Number(fields[12]);
    return { cpuMs: ticks * MS_PER_TICK, rssBytes: Number(fields[21]) * BYTES_PER_PAGE };
  } catch {
    return { cpuMs: 0, rssBytes: 0 };
  }
}

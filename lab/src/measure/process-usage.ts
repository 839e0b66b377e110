import { readdirSync, readFileSync } from "node:fs";

/** What a process, with its children, has used. */
export interface ProcessUsage {
  readonly cpuMs: number;
  readonly rssBytes: number;
}

// The kernel's own units, the same on all platforms that Node.js runs on.
const MS_PER_TICK = 10;
const BYTES_PER_PAGE = 4_096;

/** Reads it from /proc; a process that is gone used nothing. */
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
    // The name, second in the line, may hold spaces and parentheses; what follows it may not.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticks = Number(fields[11]) + Number(fields[12]);
    return { cpuMs: ticks * MS_PER_TICK, rssBytes: Number(fields[21]) * BYTES_PER_PAGE };
  } catch {
    return { cpuMs: 0, rssBytes: 0 };
  }
}

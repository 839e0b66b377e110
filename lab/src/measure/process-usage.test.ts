import { once } from "node:events";
import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import { processUsage } from "./process-usage.ts";

test("a process's usage includes the CPU and memory of its children", async () => {
  const work = "const end = Date.now() + 300; while (Date.now() < end); console.log('done');";
  const child = spawn(
    "/bin/sh",
    ["-c", '"$1" -e "$2; setInterval(() => {}, 1000)" & wait', "sh", process.execPath, work],
    { stdio: ["ignore", "pipe", "inherit"], detached: true },
  );
  try {
    await once(child.stdout, "data");
    const usage = processUsage(child.pid ?? 0);
    expect(usage.cpuMs).toBeGreaterThan(0);
    // The shell alone takes far less.
    expect(usage.rssBytes).toBeGreaterThan(20_000_000);
  } finally {
    process.kill(-(child.pid ?? 0), "SIGKILL");
  }
});

test("a process that has ended has no usage", () => {
  expect(processUsage(2 ** 22 + 1)).toEqual({ cpuMs: 0, rssBytes: 0 });
});

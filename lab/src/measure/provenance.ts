import { execFile } from "node:child_process";
import { cpus, release, totalmem, type } from "node:os";
import { promisify } from "node:util";
import type { AdapterName, Commit, Machine } from "../result.ts";

const run = promisify(execFile);

export function describeMachine(): Machine {
  const all = cpus();
  return {
    cpuModel: all[0]?.model.trim() ?? "unknown",
    cpuCount: all.length,
    memoryBytes: totalmem(),
    system: `${type()} ${release()} ${process.arch}`,
  };
}

/** Reads the version of each program that takes part. */
export async function programVersions(
  adapters: readonly AdapterName[],
  withPrometheus: boolean,
): Promise<Record<string, string>> {
  const asked: readonly [name: string, args: readonly string[], takesPart: boolean][] = [
    ["nginx", ["-v"], true],
    ["redis-server", ["--version"], adapters.includes("redis")],
    ["nats-server", ["--version"], adapters.includes("nats")],
    ["prometheus", ["--version"], withPrometheus],
  ];
  const versions: Record<string, string> = { node: process.versions.node };
  for (const [name, args, takesPart] of asked) {
    if (takesPart) versions[name] = await versionOf(name, args);
  }
  return versions;
}

async function versionOf(program: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout, stderr } = await run(program, args);
    return /\d+\.\d+\.\d+/.exec(stdout + stderr)?.[0] ?? "unknown";
  } catch (cause) {
    throw new Error(
      `\`${program} ${args.join(" ")}\` failed. Install ${program}, and add it to PATH.`,
      { cause },
    );
  }
}

/** Reads this repository's commit; its hash is `null` outside of a git repository. */
export async function readCommit(): Promise<Commit> {
  const cwd = import.meta.dirname;
  try {
    const { stdout: hash } = await run("git", ["rev-parse", "HEAD"], { cwd });
    const { stdout: changes } = await run("git", ["status", "--porcelain"], { cwd });
    return { hash: hash.trim(), isDirty: changes.trim() !== "" };
  } catch {
    return { hash: null, isDirty: false };
  }
}

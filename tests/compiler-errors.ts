import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const compiler = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));

/** Runs the TypeScript compiler, and returns its errors; empty if there are none. */
export async function compilerErrors(args: readonly string[], folder: string): Promise<string> {
  const child = spawn(process.execPath, [compiler, "--noEmit", ...args], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  return text(child.stdout);
}

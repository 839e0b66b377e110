import { readFile } from "node:fs/promises";
import { parseResult } from "../report/parse-result.ts";
import type { LabResult } from "../result.ts";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Reads a result that the lab wrote. @throws Error if the file cannot be read or is no result. */
export async function readResult(file: string): Promise<LabResult> {
  return parseResult(await readText(file), file);
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new Error(
      `Cannot read ${file} as a result of the lab: expected a file, got ${code ?? message}. ` +
        "A run writes result.json into its folder.",
      { cause },
    );
  }
}

const resultsFolder = fileURLToPath(new URL("../../results/", import.meta.url));

/** Names a command's default output folder, such as `lab/results/2026-11-24T13-45-00-small`. */
export function newResultFolder(startedAt: string, ...words: readonly string[]): string {
  return join(resultsFolder, [startedAt.slice(0, 19).replaceAll(":", "-"), ...words].join("-"));
}

import { readFile } from "node:fs/promises";
import { parseResult } from "../report/parse-result.ts";
import type { LabResult } from "../result.ts";

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

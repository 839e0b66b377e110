import { readFile } from "node:fs/promises";
import { parseResult } from "../report/parse-result.ts";
import type { LabResult } from "../result.ts";

/** Reads a result that the lab wrote. @throws Error that says what is wrong with the file. */
export async function readResult(file: string): Promise<LabResult> {
  return parseResult(await readFile(file, "utf8"), file);
}

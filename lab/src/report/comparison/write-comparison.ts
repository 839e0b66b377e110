import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LabResult } from "../../result.ts";
import { checkResult } from "../parse-result.ts";
import { compareResults } from "./compare-results.ts";
import { comparisonPage } from "./comparison-page.ts";
import { formatComparison } from "./format-comparison.ts";

export interface WrittenComparison {
  /** The path of the page. */
  readonly htmlPath: string;
  /** The table for the terminal. */
  readonly text: string;
}

/**
 * Compares two runs: writes `comparison.html`, and returns the table for the terminal.
 *
 * @param a The run that B is compared with, such as the run before a change.
 * @param folder Created if it is missing.
 * @throws Error if one run is not a result (see {@link checkResult}), or the folder cannot be written.
 */
export async function writeComparison(
  a: LabResult,
  b: LabResult,
  folder: string,
): Promise<WrittenComparison> {
  const comparison = compareResults(checkResult(a, "run A"), checkResult(b, "run B"));
  await mkdir(folder, { recursive: true });
  const htmlPath = join(folder, "comparison.html");
  await writeFile(htmlPath, comparisonPage(comparison));
  return { htmlPath, text: formatComparison(comparison) };
}

import { writeComparison } from "../report/comparison/write-comparison.ts";
import { readResult } from "./read-result.ts";

/** Two results, and where the page goes. */
export interface CompareOptions {
  readonly files: readonly [string, string];
  readonly out: string;
}

/** Shows two results side by side. @returns the exit code. */
export async function compareCommand({ files, out }: CompareOptions): Promise<number> {
  const [a, b] = files;
  const { text, htmlPath } = await writeComparison(await readResult(a), await readResult(b), out);
  console.log(`${text}\n\nThe comparison: ${htmlPath}`);
  return 0;
}

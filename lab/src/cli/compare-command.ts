import { writeComparison } from "../report/comparison/write-comparison.ts";
import { newResultFolder, readResult } from "./result-files.ts";

/** The two results to compare, and the folder of the page. */
export interface CompareOptions {
  readonly files: readonly [string, string];
  /** `undefined`: a new folder below `lab/results`. */
  readonly out: string | undefined;
}

/** Shows two results side by side. @returns The exit code. */
export async function compareCommand({ files, out }: CompareOptions): Promise<number> {
  const [a, b] = files;
  const folder = out ?? newResultFolder(new Date().toISOString(), "compare");
  const { text, htmlPath } = await writeComparison(
    await readResult(a),
    await readResult(b),
    folder,
  );
  console.log(`${text}\n\nThe comparison: ${htmlPath}`);
  return 0;
}

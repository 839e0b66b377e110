import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LabResult } from "../result.ts";
import { costPicture } from "./cost-picture.ts";
import { figurePicture } from "./figure-picture.ts";
import { figuresOf } from "./figures.ts";
import { checkResult } from "./parse-result.ts";
import { reportPage } from "./report-page.ts";
import { timesPicture } from "./times-picture.ts";
import { invalidNote } from "./verdict.ts";

/** The paths of what was written. */
export interface WrittenReport {
  /** The page: open this. */
  readonly htmlPath: string;
  readonly jsonPath: string;
  /** One SVG for each figure, in the order of their numbers, CPU per cycle and round trips first. */
  readonly picturePaths: readonly string[];
}

/**
 * Writes a run as `report.html`, `result.json` and one `.svg` for each figure. The page is complete in
 * itself; pictures are for documents that want to show one.
 *
 * @param folder is made if it is missing; files of an earlier report in it are replaced
 * @throws Error if the result is not one, see {@link checkResult}, or the folder cannot be written.
 */
export async function writeReport(result: LabResult, folder: string): Promise<WrittenReport> {
  await mkdir(folder, { recursive: true });
  const htmlPath = join(folder, "report.html");
  const jsonPath = join(folder, "result.json");
  // First of all: a run can take an hour, and must not be lost to a chart that cannot be drawn.
  await writeFile(jsonPath, `${JSON.stringify(result)}\n`);
  checkResult(result, jsonPath);
  const pictures = [
    { path: join(folder, "cpu-per-cycle.svg"), svg: costPicture(result) },
    { path: join(folder, "round-trips.svg"), svg: timesPicture(result) },
    ...figuresOf(result).map((figure) => ({
      path: join(folder, `${figure.id}.svg`),
      svg: figurePicture(figure, invalidNote(result)),
    })),
  ];
  await Promise.all([
    writeFile(htmlPath, reportPage(result)),
    ...pictures.map(({ path, svg }) => writeFile(path, svg)),
  ]);
  return { htmlPath, jsonPath, picturePaths: pictures.map(({ path }) => path) };
}

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

/** The paths of the written files. */
export interface WrittenReport {
  /** The path of the page. */
  readonly htmlPath: string;
  readonly jsonPath: string;
  /** The SVG files: CPU per cycle, round trips, then the figures in the order of their numbers. */
  readonly picturePaths: readonly string[];
}

/**
 * Writes a run as `report.html`, `result.json` and one `.svg` for each figure. The page is
 * self-contained; the pictures are for use in other documents.
 *
 * @param folder Created if it is missing. Files of an earlier report in it are replaced.
 * @throws Error if `result` is not a result (see {@link checkResult}), or the folder cannot be written.
 */
export async function writeReport(result: LabResult, folder: string): Promise<WrittenReport> {
  await mkdir(folder, { recursive: true });
  const htmlPath = join(folder, "report.html");
  const jsonPath = join(folder, "result.json");
  // Written first: a run can take an hour, and must not be lost if a chart cannot be drawn.
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

import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { sampleResult } from "../../test/sample-result.ts";
import { parseResult } from "./parse-result.ts";
import { writeReport } from "./write-report.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lab-report-"));
});
afterAll(() => rm(folder, { recursive: true }));

it("writeReport() writes the page, the JSON, and a picture of each figure", async () => {
  const result = sampleResult();
  const target = join(folder, "new", "report");
  const written = await writeReport(result, target);
  const files = await readdir(target);
  expect(files).toContain("report.html");
  expect(files.filter((file) => file.endsWith(".svg"))).toHaveLength(13);
  expect(written.picturePaths).toHaveLength(13);
  expect(parseResult(await readFile(written.jsonPath, "utf8"), "result.json")).toEqual(result);
  for (const path of written.picturePaths) {
    const svg = await readFile(path, "utf8");
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox/);
    expect(svg).toContain("prefers-color-scheme:dark");
    expect(svg.length).toBeLessThan(100_000);
    expect(svg).not.toContain("Invalid");
  }
});

it("writeReport() marks invalid runs in every picture, because pictures are shown without the page", async () => {
  const result = sampleResult({ durationSeconds: 4 });
  const runs = result.runs.map((run) =>
    run.adapter === "redis" ? { ...run, validity: { isValid: false, reasons: ["Late."] } } : run,
  );
  const { picturePaths } = await writeReport({ ...result, runs }, join(folder, "invalid"));
  for (const path of picturePaths) {
    expect(await readFile(path, "utf8"), path).toContain(">Invalid: Redis</text>");
  }
});

it("writeReport() keeps the JSON of a result that it cannot draw", async () => {
  const { machine: _, ...damaged } = sampleResult({ durationSeconds: 4 });
  const target = join(folder, "damaged");
  await expect(writeReport(damaged as ReturnType<typeof sampleResult>, target)).rejects.toThrow(
    "expected an object at machine, got nothing",
  );
  expect(JSON.parse(await readFile(join(target, "result.json"), "utf8"))).toEqual(damaged);
});

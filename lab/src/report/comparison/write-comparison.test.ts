import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { sampleResult } from "../../../test/sample-result.ts";
import { writeComparison } from "./write-comparison.ts";

it("writeComparison() writes the page and returns the table", async () => {
  const folder = await mkdtemp(join(tmpdir(), "lab-comparison-"));
  try {
    const { htmlPath, text } = await writeComparison(sampleResult(), sampleResult(), folder);
    expect(await readFile(htmlPath, "utf8")).toContain("No difference beyond noise</h1>");
    expect(text).toContain("Redis: CPU per cycle");
  } finally {
    await rm(folder, { recursive: true });
  }
});

it("writeComparison() refuses a run of another format, and names the run", async () => {
  const old = { ...sampleResult(), format: "live-stash-lab/0" } as unknown as ReturnType<
    typeof sampleResult
  >;
  await expect(writeComparison(sampleResult(), old, "/nowhere")).rejects.toThrow(
    "Cannot read run B as a result of the lab: expected the format live-stash-lab/1",
  );
});

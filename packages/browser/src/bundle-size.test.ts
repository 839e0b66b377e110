import { gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, test } from "vitest";

test("the minified bundle is at most 1 KB gzipped and has no dependencies", async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: [fileURLToPath(new URL("./index.ts", import.meta.url))],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    metafile: true,
    write: false,
  });
  const bundle = outputFiles[0]?.contents ?? new Uint8Array();

  expect(bundle.byteLength).toBeGreaterThan(100);
  expect(gzipSync(bundle, { level: 9 }).byteLength).toBeLessThanOrEqual(1024);
  expect(
    Object.keys(metafile.inputs).filter((input) => !/browser\/src\/[^/]+$/.test(input)),
  ).toEqual([]);
});

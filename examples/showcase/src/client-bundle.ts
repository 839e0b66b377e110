import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** The page's script: the unmodified LiveView client with `@live-stash/browser`, for browsers. */
export async function buildClientBundle(): Promise<string> {
  const result = await build({
    entryPoints: [fileURLToPath(new URL("./client/app.ts", import.meta.url))],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    conditions: ["@live-stash/source"],
    write: false,
  });
  const [file] = result.outputFiles;
  if (file === undefined) throw new Error("the client bundle came out empty");
  return file.text;
}

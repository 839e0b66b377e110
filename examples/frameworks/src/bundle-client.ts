import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** Bundles `client.ts` for browsers. An application would do this in its build. */
export async function bundleClient(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("./client.ts", import.meta.url))],
    bundle: true,
    format: "esm",
    // Only for this repository, whose packages are not built: omit this line in an application.
    conditions: ["@live-stash/source"],
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}

import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** `client.ts` for browsers. An application would do this when it is built. */
export async function bundleClient(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("./client.ts", import.meta.url))],
    bundle: true,
    format: "esm",
    // Only in this repository, which has no built packages: leave this line out of an application.
    conditions: ["@live-stash/source"],
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}

import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";

/** A program as one file of JavaScript. */
export interface BundledProgram {
  /** The path of the file, which node runs without a loader and without conditions. */
  readonly path: string;
  /** Removes the file. */
  close(): Promise<void>;
}

const WORKSPACE = /^(live-stash|@live-stash\/[^/]+)(\/|$)/;
const IS_RESOLVING = Symbol("a resolution that this plugin has started");

/** Leaves packages from outside of this workspace out of the bundle. They resolve as for their importer. */
const othersStayOutside: Plugin = {
  name: "others-stay-outside",
  setup(bundler) {
    bundler.onResolve(
      { filter: /^[^./]/ },
      async ({ path, pluginData, kind, importer, resolveDir }) => {
        if (pluginData === IS_RESOLVING || kind === "entry-point") return undefined;
        if (WORKSPACE.test(path)) return undefined;
        if (isBuiltin(path)) return { path, external: true };
        const found = await bundler.resolve(path, {
          kind,
          importer,
          resolveDir,
          pluginData: IS_RESOLVING,
        });
        if (found.errors.length > 0) return { errors: found.errors };
        return { path: pathToFileURL(found.path).href, external: true };
      },
    );
  },
};

/**
 * Bundles a TypeScript program and its imports from this workspace into one file in the program's folder,
 * so that relative paths still work. For tests that start a program often: a start of the showcase took
 * 3.2 s of CPU with a loader, and 1.4 s as one file.
 *
 * In modules from other folders, `import.meta.url` then points into the program's folder. A program that
 * starts another program by its path still needs the loader.
 *
 * @param entry - The program's URL, such as `new URL("./program.ts", import.meta.url)`.
 */
export async function bundleProgram(entry: URL): Promise<BundledProgram> {
  const entryPath = fileURLToPath(entry);
  const name = `.bundled-${basename(entryPath, ".ts")}-${randomBytes(6).toString("hex")}.mjs`;
  const path = join(dirname(entryPath), name);
  await build({
    entryPoints: [entryPath],
    outfile: path,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    conditions: ["@live-stash/source"],
    plugins: [othersStayOutside],
    logLevel: "warning",
  });
  return { path, close: () => rm(path, { force: true }) };
}

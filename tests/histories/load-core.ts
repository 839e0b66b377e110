import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { readFileSync } from "node:fs";
import { compileFunction } from "node:vm";
import type * as Browser from "@live-stash/browser";
import { build, type Plugin } from "esbuild";
import type * as Stash from "live-stash";
import type * as Adapter from "live-stash/adapter";
import { TimeGlobals, type World } from "./virtual-time.ts";

/** A bug to plant into the source, which must contain `find` exactly once. */
export interface SourceBug {
  /** A path from the root of the repository. */
  readonly file: string;
  readonly find: string | RegExp;
  readonly replace: string;
}

type Core = typeof Stash & typeof Adapter & typeof Browser;

/** The repository's code of the stash and of its browser module, in virtual time. */
export interface LoadedCore extends Core {
  /** Runs the code in this world from now on. */
  enter(world: World): void;
}

const here = fileURLToPath(new URL(".", import.meta.url));
const repository = fileURLToPath(new URL("../..", import.meta.url));
const require = createRequire(import.meta.url);

/** Loads the code of `live-stash` and `@live-stash/browser` a second time, with virtual clocks. */
export async function loadCore(bugs: readonly SourceBug[] = []): Promise<LoadedCore> {
  const missing = new Set(bugs);
  const { outputFiles } = await build({
    stdin: {
      contents: `
        export * from "live-stash";
        export * from "live-stash/adapter";
        export { initLiveStash } from "@live-stash/browser";
      `,
      resolveDir: here,
    },
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node20",
    conditions: ["@live-stash/source"],
    write: false,
    plugins: bugs.length > 0 ? [planted(bugs, missing)] : [],
  });
  if (missing.size > 0) {
    const files = [...missing].map(({ file }) => file);
    throw new Error(`Planting bugs: expected the bundle to contain ${files.join(", ")}, got none.`);
  }
  const time = new TimeGlobals();
  const names = Object.keys(time.globals);
  const code = outputFiles[0]?.text ?? "";
  const run = compileFunction(code, ["require", "module", "exports", ...names]) as (
    ...args: unknown[]
  ) => void;
  const module: { exports: object } = { exports: {} };
  const load = (name: string): unknown =>
    name === "node:timers/promises" ? time.timersPromises : require(name);
  run(load, module, module.exports, ...Object.values(time.globals));
  return { ...(module.exports as Core), enter: (world) => time.enter(world) };
}

function planted(bugs: readonly SourceBug[], missing: Set<SourceBug>): Plugin {
  return {
    name: "planted-bugs",
    setup(bundler) {
      bundler.onLoad({ filter: /\/packages\/.*\.ts$/ }, ({ path }) => {
        const ours = bugs.filter(({ file }) => path === `${repository}${file}`);
        if (ours.length === 0) return undefined;
        let contents = readFileSync(path, "utf8");
        for (const bug of ours) {
          const parts = contents.split(bug.find);
          if (parts.length !== 2) {
            throw new Error(
              `${bug.file}: expected ${bug.find} once, got ${parts.length - 1} times.`,
            );
          }
          contents = parts.join(bug.replace);
          missing.delete(bug);
        }
        return { contents, loader: "ts" };
      });
    },
  };
}

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { build } from "esbuild";
import type { WireTree } from "../src/index.ts";

/** The part of the official client's `Rendered` class that tests use. `mergeDiff` changes its argument. */
export interface OfficialRendered {
  mergeDiff(diff: object): void;
  toString(onlyCids?: readonly number[]): { buffer: string; streams: Set<unknown> };
  componentCIDs(diff: object): number[];
  isComponentOnlyDiff(diff: object): boolean;
  componentToString(cid: number): { buffer: string };
}

/** The class itself. */
export interface OfficialRenderedClass {
  new (viewId: string, tree: object): OfficialRendered;
  extract(diff: object): { diff: object; title?: string; reply: unknown; events: unknown[] };
}

/** Bundles the class out of the npm package's sources; it is not exported there. */
export async function loadOfficialRendered(): Promise<OfficialRenderedClass> {
  const entry = createRequire(import.meta.url).resolve("phoenix_live_view");
  const source = path.join(
    entry.slice(0, entry.lastIndexOf("priv")),
    "assets/js/phoenix_live_view/rendered.js",
  );
  const { outputFiles } = await build({
    entryPoints: [source],
    bundle: true,
    format: "esm",
    write: false,
    logLevel: "error",
    // The class copies trees by `window.structuredClone` and reports errors as events of `window`. A
    // global one would make other tests of the process believe that they are in a browser.
    banner: { js: "const window = Object.assign(new EventTarget(), { structuredClone });" },
  });
  const code = Buffer.from(outputFiles[0]?.contents ?? []).toString("base64");
  const bundle = (await import(`data:text/javascript;base64,${code}`)) as {
    default: OfficialRenderedClass;
  };
  return bundle.default;
}

/** One test vector of a tree and its diffs. */
export interface DiffVector {
  readonly comment: string;
  readonly view_id: string;
  readonly steps: readonly {
    readonly comment: string;
    readonly diff: WireTree;
    readonly client_html?: string;
    readonly client_component_html?: Readonly<Record<string, string>>;
    readonly client_streams?: readonly unknown[];
    readonly dom_html: string;
    readonly title?: string;
    readonly reply?: unknown;
    readonly events?: readonly unknown[];
  }[];
}

/** Reads a test vector by its file's name. */
export function readVector<Vector = DiffVector>(name: string): Vector {
  return JSON.parse(
    readFileSync(new URL(`vectors/${name}.json`, import.meta.url), "utf8"),
  ) as Vector;
}

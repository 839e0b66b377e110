import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";

const PACKAGES = "packages/(stash|stash-redis|stash-nats)/src/";

/**
 * An esbuild plugin: each function of the stash packages first calls `globalThis.noteEntry` with its file.
 *
 * @param {string} root The repository, as an absolute path.
 * @returns {import("esbuild").Plugin}
 */
export function notedFunctions(root) {
  const ours = new RegExp(`/${PACKAGES}.*[.]ts$`);
  return {
    name: "noted-functions",
    setup(bundler) {
      // Packages of npm stay what they are. Those of the workspace are read from their sources.
      bundler.onResolve({ filter: /^[^.]/ }, ({ path, kind }) =>
        kind === "entry-point" || /^(live-stash|@live-stash)(\/|$)/.test(path)
          ? undefined
          : { path, external: true },
      );
      bundler.onLoad({ filter: ours }, ({ path }) => ({
        contents: noteEntries(readFileSync(path, "utf8"), relative(join(root, "packages"), path)),
        loader: "ts",
      }));
    },
  };
}

/**
 * @param {string} source TypeScript.
 * @param {string} file The name to note.
 * @returns {string} The same code, with a call at the beginning of each function's body.
 */
export function noteEntries(source, file) {
  const note = `globalThis.noteEntry?.(${JSON.stringify(file)})`;
  /** @type {[at: number, text: string][]} */
  const insertions = [];
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isFunctionLike(node) && "body" in node && node.body !== undefined) {
      const { body } = node;
      if (ts.isBlock(body)) insertions.push([body.getStart() + 1, `${note};`]);
      else insertions.push([body.getStart(), `(${note},`], [body.end, ")"]);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true));
  let noted = source;
  // From the end, so that places before stay where they are; of two at one place the outer comes first.
  for (const [at, text] of insertions
    .map((one, index) => /** @type {const} */ ([...one, index]))
    .sort((one, other) => other[0] - one[0] || other[2] - one[2])) {
    noted = noted.slice(0, at) + text + noted.slice(at);
  }
  return noted;
}

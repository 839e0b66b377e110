// Finds doc comments that open with a relative clause ("What …", "Whoever …", "So long …"). A doc comment
// starts with a verb or with the noun that it defines (CONTRIBUTING.md, "Writing rules").
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execFileSync } from "node:child_process";
import { workspaceFolder } from "./run-command.mjs";

const RELATIVE_CLAUSE =
  /^(what|whatever|who|whoever|whom|whose|which|whichever|where|wherever|how|that|until when|since when|from when|(so|as) (long|many|much|often|far|soon))\b/i;

/**
 * @param {string} source
 * @returns {{ readonly line: number, readonly opening: string }[]} The places of these comments.
 */
export function relativeClauses(source) {
  return [...source.matchAll(/\/\*\*\s*(?:\*\s*)?([^*@{][^\n]*)/g)].flatMap(
    ({ index, 1: text }) => {
      const opening = (text ?? "").replace(/\s*\*\/.*$/, "");
      if (!RELATIVE_CLAUSE.test(opening)) return [];
      return [{ line: source.slice(0, index).split("\n").length, opening }];
    },
  );
}

/** @returns {string[]} One line for each such comment in the files of the repository. */
export function findRelativeClauses() {
  const listing = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const files = execFileSync("git", [...listing, "*.ts", "*.mjs", "*.cjs"], {
    cwd: workspaceFolder,
    encoding: "utf8",
  });
  return files
    .split("\0")
    .filter((file) => file !== "" && !file.includes("check-comments"))
    .filter((file) => existsSync(join(workspaceFolder, file)))
    .flatMap((file) =>
      relativeClauses(readFileSync(join(workspaceFolder, file), "utf8")).map(
        ({ line, opening }) => `${file}:${line}: ${opening}`,
      ),
    );
}

if (process.argv[1] === import.meta.filename) {
  const found = findRelativeClauses();
  for (const line of found) console.error(line);
  console.log(`${found.length} doc comments open with a relative clause.`);
  process.exitCode = found.length === 0 ? 0 : 1;
}

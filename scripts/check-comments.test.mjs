import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { relativeClauses } from "./check-comments.mjs";
import { workspaceFolder } from "./run-command.mjs";

it.each([
  "/** What a view keeps. */",
  "/**\n * Whoever waits is notified.\n */",
  "  /** So long it is kept, in ms. */",
  "/** How often a node asks. */",
  "/** Until when it lives. */",
])("a doc comment that opens with a relative clause is found: %j", (comment) => {
  expect(relativeClauses(`const a = 1;\n${comment}\nconst b = 2;`)).toMatchObject([{ line: 2 }]);
});

it.each([
  "/** The time for which it is kept, in ms. */",
  "/** Returns what the store answered. */",
  "/** Whether the stash is kept. */",
  "// What follows is a plain comment.",
  "/** {@link stash} */",
  "/** Whatsoever */",
])("another comment is not found: %j", (comment) => {
  expect(relativeClauses(comment)).toEqual([]);
});

it("the check's step `language` fails while a file has such a comment", () => {
  const copy = realpathSync(mkdtempSync(join(tmpdir(), "live-stash-language-")));
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }));
  for (const name of ["scripts", "package.json", "package-lock.json"]) {
    cpSync(join(workspaceFolder, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(workspaceFolder, "node_modules"), join(copy, "node_modules"));
  execFileSync("git", ["init", "--quiet"], { cwd: copy });
  mkdirSync(join(copy, "packages"));
  const checkWith = (/** @type {string} */ comment) => {
    writeFileSync(join(copy, "packages/planted.ts"), `\n/** ${comment} */\nconst a = 1;\n`);
    const command = [join(copy, "scripts/check.mjs"), "language"];
    return spawnSync(process.execPath, command, { encoding: "utf8" });
  };

  const failed = checkWith("What a view keeps.");
  expect(failed.stderr).toContain("packages/planted.ts:2: What a view keeps.");
  expect(failed.stdout).toContain("FAILED language");
  expect(failed.status).toBe(1);
  expect(checkWith("The state of a view.").status).toBe(0);
});

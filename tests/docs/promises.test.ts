import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** A test that docs/promises.md names, as `file` and “title”. */
interface NamedTest {
  readonly file: string;
  readonly title: string;
}

function namedTests(): NamedTest[] {
  const rows = readFileSync(join(repository, "docs/promises.md"), "utf8")
    .split("\n")
    .filter((line) => /^\| .*`[^`]+\.ts`/.test(line));
  return rows.flatMap((row) => {
    const cells = row.split("|").slice(1, -1);
    const file = /`([^`]+\.ts)`/.exec(cells[1] ?? "")?.[1] ?? "";
    return [...(cells[2] ?? "").matchAll(/“([^”]+)”/g)].map(([, title = ""]) => ({ file, title }));
  });
}

/** Reads a test file, with escaped quotes unescaped as in printed titles. */
const sourceOf = (file: string): string =>
  existsSync(join(repository, file)) ? readFileSync(join(repository, file), "utf8") : "";

test("every test that the promises name exists", () => {
  const named = namedTests();
  expect(named.length).toBeGreaterThan(60);
  const missing = named.filter(({ file, title }) => !sourceOf(file).includes(`"${title}"`));
  expect(missing).toEqual([]);
});

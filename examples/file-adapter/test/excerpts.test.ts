import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
const withoutIndentation = (code: string): string => code.replaceAll(/^\s+/gm, "");

test("the excerpts of this adapter in docs/adapters.md match its source", () => {
  const code = ["../src/", "./"]
    .flatMap((folder) => readdirSync(new URL(folder, import.meta.url)).map((name) => folder + name))
    .map((path) => withoutIndentation(read(path)))
    .join("\n");
  const excerpts = [...read("../../../docs/adapters.md").matchAll(/^```typescript\n(.*?)^```$/gms)];
  expect(excerpts.length).toBeGreaterThan(4);
  for (const [, excerpt = ""] of excerpts) expect(code).toContain(withoutIndentation(excerpt));
});

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** A block of code in a document. */
export interface Example {
  /** The document and file name, for the title of a test. */
  readonly title: string;
  readonly code: string;
  /** The path of the file with the example. */
  readonly path: string;
}

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** The folder of the examples' files: inside the workspace, so that they find its packages. */
export const examplesFolder = fileURLToPath(new URL("./.examples", import.meta.url));

const documents = (): string[] => [
  "README.md",
  "SECURITY.md",
  ...readdirSync(join(repository, "docs")).map((name) => `docs/${name}`),
  ...readdirSync(join(repository, "packages")).map((name) => `packages/${name}/README.md`),
];

function read(document: string): string {
  try {
    return readFileSync(join(repository, document), "utf8");
  } catch {
    return "";
  }
}

/**
 * Writes every block marked `ts` to its own file, and returns all examples. A name after `file=` is used
 * for the file, so that examples of one document can import each other.
 */
export function writeExamples(): Example[] {
  rmSync(examplesFolder, { recursive: true, force: true });
  return documents()
    .filter((document) => document.endsWith(".md"))
    .flatMap((document) => {
      const folder = join(examplesFolder, document.replaceAll(/\W+/g, "-"));
      const blocks = [...read(document).matchAll(/^```ts(?: file=(\S+))?\n(.*?)^```$/gms)];
      return blocks.map(([, name, code = ""], index) => {
        const path = join(folder, name ?? `example-${index + 1}.ts`);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, code);
        return { title: `${document} ${name ?? `example ${index + 1}`}`, code, path };
      });
    });
}

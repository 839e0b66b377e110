import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** Files that programs leave behind, which a clone does not have. */
const NOT_CLONED = /^(node_modules|dist|coverage|\.git|\.cases|\.breaker|\.examples|\.stashes)$/;
const NOT_CLONED_FILE = /^\.bundled-|\.tsbuildinfo$|\.tgz$/;

/** A fresh clone of this repository: nothing is installed or built. */
export interface FreshClone {
  readonly folder: string;
  close(): void;
}

/** Copies the repository, including uncommitted changes, into a new folder. */
export function freshClone(): FreshClone {
  const parent = realpathSync(mkdtempSync(join(tmpdir(), "live-stash-clone-")));
  const folder = join(parent, "live-stash");
  mkdirSync(folder);
  cpSync(repository, folder, {
    recursive: true,
    filter(source) {
      const name = basename(source);
      return source === repository || !(NOT_CLONED.test(name) || NOT_CLONED_FILE.test(name));
    },
  });
  return { folder, close: () => rmSync(parent, { recursive: true, force: true }) };
}

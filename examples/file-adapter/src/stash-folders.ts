import { mkdirSync } from "node:fs";
import { access, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The metadata of a stash: the name of an empty file, its marker. */
export interface Marker {
  readonly owner: string;
  readonly expiresAtMs: number;
  /** The file with the record. Each save creates a new one. */
  readonly recordName: string;
}

/** Encodes a name: on some disks, names that differ only in case are the same, and hex has no case. */
const hex = (text: string): string => Buffer.from(text).toString("hex");
const markerName = ({ owner, expiresAtMs, recordName }: Marker): string =>
  `${hex(owner)}~${expiresAtMs}~${recordName}`;

const GONE = ".gone";

/** One folder per stash, with its marker and its record. An error `ENOENT` means that the stash has changed. */
export class StashFolders {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  /** Reads the marker of a stash; returns `undefined` if there is none. */
  async find(id: string): Promise<Marker | undefined> {
    const names = await unlessMissing(readdir(this.#path(id)));
    // On a disk that is not mounted every stash is missing, which must not count as absent.
    if (names === undefined) return access(this.#folder).then(() => undefined);
    const markers = names.filter((name) => name.includes("~"));
    const [owner, expiresAtMs, recordName] = markers[0]?.split("~") ?? [];
    if (owner === undefined || recordName === undefined || markers.length > 1) {
      throw Object.assign(new Error("Read while it was renamed."), { code: "ENOENT" });
    }
    const ownerText = Buffer.from(owner, "hex").toString();
    return { owner: ownerText, expiresAtMs: Number(expiresAtMs), recordName };
  }

  async create(id: string, marker: Marker, record: Uint8Array): Promise<void> {
    // Only one process can create the folder, which has no owner before it has a marker.
    await mkdir(this.#path(id));
    await this.writeRecord(id, marker.recordName, record);
    await writeFile(this.#path(id, markerName(marker)), "");
  }

  /** Replaces a marker: of all processes that rename the marker they have read, exactly one succeeds. */
  async swap(id: string, found: Marker, next: Marker): Promise<boolean> {
    const [from, to] = [this.#path(id, markerName(found)), this.#path(id, markerName(next))];
    return (await unlessMissing(rename(from, to).then(() => true))) ?? false;
  }

  async remove(id: string, found: Marker): Promise<boolean> {
    if (!(await this.swap(id, found, { ...found, expiresAtMs: 0 }))) return false;
    const gone = `${this.#path(id)}${GONE}`;
    await unlessMissing(rename(this.#path(id), gone));
    await rm(gone, { recursive: true, force: true, maxRetries: 3 });
    return true;
  }

  readRecord = (id: string, name: string): Promise<Uint8Array> => readFile(this.#path(id, name));
  writeRecord = (id: string, name: string, record: Uint8Array): Promise<void> =>
    writeFile(this.#path(id, name), record);
  removeRecord = (id: string, name: string): Promise<void> =>
    rm(this.#path(id, name), { force: true });

  /** Removes expired stashes, and files that a process left behind when it ended. */
  async sweep(nowMs: number): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      if (name.endsWith(GONE)) await rm(join(this.#folder, name), { recursive: true, force: true });
      const id = Buffer.from(name, "hex").toString();
      const found = await unlessMissing(this.find(id));
      if (found !== undefined && found.expiresAtMs <= nowMs) await this.remove(id, found);
    }
  }

  #path(id: string, name = ""): string {
    return join(this.#folder, hex(id), name);
  }
}

export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}

async function unlessMissing<Result>(action: Promise<Result>): Promise<Result | undefined> {
  return action.catch((error: unknown) => {
    if (!hasCode(error, "ENOENT")) throw error;
    return undefined;
  });
}

import { createHash } from "node:crypto";
import { lstat, mkdir, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StashError } from "../../errors.ts";
import { NODE_NAME_CHARACTERS, type NodeName } from "../peer-network.ts";
import type { PeerAddress, PeerDirectory } from "./peer-address.ts";

/** Younger ones may belong to a process that is about to listen. In ms. */
const MIN_AGE_MS = 5_000;

const isMissing = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ENOENT";

/** A folder that only this user can enter, with one socket for each process of an application. */
export class SocketFolder implements PeerDirectory {
  readonly #path: string;

  constructor(application: string) {
    // Short: the whole path of a socket has at most 104 bytes on some systems.
    const hash = createHash("sha256").update(application).digest("base64url").slice(0, 12);
    this.#path = join(tmpdir(), `live-stash-${process.getuid?.() ?? 0}-${hash}`);
  }

  /** Where a process listens. Rejects with `adapter_unavailable` if the folder is somebody else's. */
  async prepare(name: NodeName): Promise<string> {
    await mkdir(this.#path, { recursive: true, mode: 0o700 });
    const found = await lstat(this.#path);
    const isPrivate =
      found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0;
    if (isPrivate) return this.#socketOf(name);
    throw new StashError(
      "adapter_unavailable",
      "Preparing the sockets of peers on this machine: expected a folder that only this user can " +
        `enter, found another one at ${this.#path}. Remove it, or run with another TMPDIR.`,
    );
  }

  async addresses(): Promise<readonly PeerAddress[] | undefined> {
    const files = await readdir(this.#path).catch((error: unknown) =>
      isMissing(error) ? [] : undefined,
    );
    return files
      ?.filter((file) => file.length === NODE_NAME_CHARACTERS)
      .map((key) => ({ key, target: { socketPath: this.#socketOf(key), path: "/" } }));
  }

  /** Its process was killed: a socket that is closed is removed by itself. */
  lost({ key }: PeerAddress): void {
    void this.#remove(this.#socketOf(key)).catch(() => undefined);
  }

  async #remove(socket: string): Promise<void> {
    const { mtimeMs } = await lstat(socket);
    if (Date.now() - mtimeMs > MIN_AGE_MS) await rm(socket);
  }

  #socketOf(name: NodeName): string {
    return join(this.#path, name);
  }
}

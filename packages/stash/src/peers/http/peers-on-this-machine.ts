import { createHash } from "node:crypto";
import { lstat, mkdir, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findSecrets } from "../../crypto/secrets.ts";
import { StashError } from "../../errors.ts";
import { checkOptions, invalidOption, type OptionTable } from "../../option-checks.ts";
import { NODE_NAME_CHARACTERS, type NodeName, type PeerNetwork } from "../peer-network.ts";
import type { PeerAddress, PeerDirectory } from "./directory.ts";
import { createHttpNetwork } from "./http-network.ts";
import { requirePreSharedKeys } from "./secure-channel.ts";

/** Selects the processes that find each other. */
export interface PeersOnThisMachineOptions {
  /**
   * The name of the application: processes of one user with the same name find each other. Default
   * "default".
   */
  readonly name?: string;
  /**
   * At least 32 characters, the same in all processes. Of several secrets a process asks with the first
   * and accepts all. Default: the environment variable `LIVE_STASH_SECRET`, as for `liveStash()`.
   */
  readonly secret?: string | readonly string[];
}

const caller = "peersOnThisMachine";

const OPTIONS = {
  name: {
    kind: "value",
    accepts: (name) => typeof name === "string" && name !== "",
    expected: "the name of the application",
    default: "default",
    advice: "Leave it out if this user runs no other application on this machine.",
  },
  secret: { kind: "unchecked" },
} as const satisfies OptionTable<PeersOnThisMachineOptions>;

/**
 * Connects the processes of an application on one machine, workers of `node:cluster` or others, by
 * Unix domain sockets in a private folder: for the option `peers` of `createMemoryAdapter`. Only the name
 * is to be configured. Not on Windows, which has no such sockets.
 *
 * Throws a `StashError` with `invalid_option`, or `missing_secret` in production.
 */
export function peersOnThisMachine(options: PeersOnThisMachineOptions = {}): PeerNetwork {
  const { name, secret } = checkOptions(caller, options, OPTIONS);
  if (process.platform === "win32") {
    throw invalidOption({
      caller: caller,
      option: "platform",
      expected: "a system with Unix domain sockets",
      found: "Windows",
      advice: "Use peersOverHttp({ nodes, listen }) with a port for each process.",
    });
  }
  requirePreSharedKeys(caller);
  const folder = new SocketFolder(name);
  return createHttpNetwork({
    secrets: findSecrets(secret, { of: caller }),
    directory: () => folder,
    // Each worker of a `node:cluster` is a node of its own, so they must not share a socket.
    listen: async (self) => ({ path: await folder.prepare(self), exclusive: true }),
  });
}

/** The least age of an abandoned socket, in ms: the process of a younger one may be about to listen. */
const MIN_AGE_MS = 5_000;

const isMissing = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ENOENT";

/** A folder that only this user can enter, with one socket for each process of an application. */
export class SocketFolder implements PeerDirectory {
  readonly #path: string;

  constructor(application: string) {
    // Short, because some systems limit the whole path of a socket to 104 bytes.
    const hash = createHash("sha256").update(application).digest("base64url").slice(0, 12);
    this.#path = join(tmpdir(), `live-stash-${process.getuid?.() ?? 0}-${hash}`);
  }

  /**
   * Creates the folder and returns the path of a node's socket. Rejects with `adapter_unavailable` if
   * another user owns the folder or can enter it.
   */
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

  /** Removes the socket of a process that was killed; closing a server removes its own. */
  onRefused({ key }: PeerAddress): void {
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

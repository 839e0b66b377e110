import { checkOptionNames, describeFound, invalidOption } from "../../option-checks.ts";
import { findSecrets } from "../../crypto/secrets.ts";
import type { PeerNetwork } from "../peer-network.ts";
import { createHttpNetwork } from "./http-network.ts";
import { SocketFolder } from "./socket-folder.ts";

/** Which processes belong together. */
export interface PeersOnThisMachineOptions {
  /** Of the application: processes of one user with the same name find each other. Default "default". */
  readonly name?: string;
  /**
   * At least 32 characters, the same in all processes. Several: the first seals, all open. Default:
   * the environment variable `LIVE_STASH_SECRET`, as for `liveStash()`.
   */
  readonly secret?: string | readonly string[];
}

const of = "peersOnThisMachine";

/**
 * Connects the processes of an application on one machine, workers of `node:cluster` or others, by
 * sockets in a private folder: for the option `peers` of `createMemoryAdapter`. There is nothing to
 * configure but a name. Not on Windows, which has no such sockets.
 *
 * Throws a `StashError` with `invalid_option`, or `missing_secret` in production.
 */
export function peersOnThisMachine(options: PeersOnThisMachineOptions = {}): PeerNetwork {
  checkOptionNames(of, options, ["name", "secret"]);
  const { name = "default" } = options;
  if (typeof name !== "string" || name === "") {
    throw invalidOption({
      caller: of,
      option: "name",
      expected: "the name of the application",
      found: describeFound(name),
      advice: "Leave it out if this user runs no other application on this machine.",
    });
  }
  if (process.platform === "win32") {
    throw invalidOption({
      caller: of,
      option: "platform",
      expected: "a system with Unix domain sockets",
      found: "Windows",
      advice: "Use peersOverHttp({ nodes, listen }) with a port for each process.",
    });
  }
  const folder = new SocketFolder(name);
  return createHttpNetwork({
    secrets: findSecrets(options.secret, { of }),
    directory: () => folder,
    // Each worker of a `node:cluster` is a node of its own.
    listen: async (self) => ({ path: await folder.prepare(self), exclusive: true }),
  });
}

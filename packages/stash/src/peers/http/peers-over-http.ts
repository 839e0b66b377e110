import { findSecrets } from "../../crypto/secrets.ts";
import type { PeerNetwork } from "../peer-network.ts";
import { createDnsDirectory } from "./directory.ts";
import { createHttpNetwork } from "./http-network.ts";
import type { PeerUpgradeHandler } from "./upgrade.ts";
import {
  parsePeerListen,
  parsePeerPlaces,
  type PeersOverHttpOptions,
} from "./peers-over-http-options.ts";
import { createStaticDirectory } from "./static-directory.ts";

/** Nodes that reach each other over HTTP. */
export interface HttpPeers extends PeerNetwork {
  /** Takes peers' connections; without `listen`, for the event `upgrade` of a server of yours. */
  readonly handleUpgrade: PeerUpgradeHandler;
  /** Where the network's own server listens, once the adapter is `ready()`. */
  readonly port: number | undefined;
}

/**
 * Connects the nodes of an application over HTTP, with no service besides: for the option `peers` of
 * `createMemoryAdapter`. Everything is encrypted and authenticated with keys that are derived from the
 * application's secret, and cannot be replayed.
 *
 * Throws a `StashError` with `invalid_option`, or `missing_secret` in production.
 */
export function peersOverHttp(options: PeersOverHttpOptions): HttpPeers {
  const places = parsePeerPlaces(options);
  const listen = parsePeerListen(options.listen);
  return createHttpNetwork({
    secrets: findSecrets(options.secret, { of: "peersOverHttp" }),
    directory: () =>
      places.kind === "listed"
        ? createStaticDirectory(places.urls)
        : createDnsDirectory(places.dns, places.port, places.path),
    // Each worker of a `node:cluster` is a node of its own.
    listen:
      listen === undefined ? undefined : () => Promise.resolve({ ...listen, exclusive: true }),
  });
}

import type { PeerAddress, PeerDirectory } from "./peer-address.ts";
import { socketPathOf, UNIX_PROTOCOL } from "./peers-over-http-options.ts";

/** Nodes at addresses that stay. */
export function createStaticDirectory(urls: readonly URL[]): PeerDirectory {
  const addresses = urls.map(addressOf);
  return { addresses: () => Promise.resolve(addresses) };
}

function addressOf(url: URL): PeerAddress {
  if (url.protocol === UNIX_PROTOCOL) {
    const path = url.pathname === "" ? "/" : url.pathname;
    return { key: url.href, target: { socketPath: socketPathOf(url), path } };
  }
  return {
    key: url.href,
    target: {
      // Node.js takes an IPv6 address without its brackets.
      host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
      port: url.port === "" ? 80 : Number(url.port),
      path: url.pathname,
    },
  };
}

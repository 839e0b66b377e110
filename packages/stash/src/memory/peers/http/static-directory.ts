import type { PeerAddress, PeerDirectory } from "./peer-address.ts";

/** Nodes at addresses that stay. */
export function createStaticDirectory(urls: readonly URL[]): PeerDirectory {
  const addresses = urls.map(addressOf);
  return { addresses: () => Promise.resolve(addresses) };
}

function addressOf(url: URL): PeerAddress {
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

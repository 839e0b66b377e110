import { lookup } from "node:dns/promises";
import type { PeerAddress, PeerDirectory } from "./peer-address.ts";

/** Addresses are taken for true so long, in ms; a new node is looked for after the shorter time. */
const FRESH_MS = 5_000;
const FRESH_IF_URGENT_MS = 1_000;

/** Resolves a name to all its addresses. */
export type Resolve = (name: string) => Promise<readonly string[]>;

const resolveBySystem: Resolve = async (name) => {
  const found = await lookup(name, { all: true });
  return found.map(({ address }) => address);
};

/** The name service knows the name, and no address for it, or does not know it. */
const isNameOfNobody = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ENOTFOUND";

/** Nodes at the addresses of one name, which is resolved again when it is used, and never otherwise. */
export function createDnsDirectory(
  name: string,
  port: number,
  path: string,
  resolve: Resolve = resolveBySystem,
): PeerDirectory {
  let known: readonly PeerAddress[] | undefined;
  let resolvedAtMs = -Infinity;
  let resolving: Promise<void> | undefined;

  const addressOf = (host: string): PeerAddress => ({ key: host, target: { host, port, path } });

  const resolveAgain = async (): Promise<void> => {
    try {
      known = (await resolve(name)).map(addressOf);
    } catch (error) {
      // Whoever was there is still asked: a name service that is away is no node that is gone.
      if (isNameOfNobody(error)) known ??= [];
    } finally {
      resolvedAtMs = performance.now();
      resolving = undefined;
    }
  };

  return {
    async addresses(isUrgent) {
      const ageMs = performance.now() - resolvedAtMs;
      if (ageMs > (isUrgent ? FRESH_IF_URGENT_MS : FRESH_MS)) {
        resolving ??= resolveAgain();
        // Old addresses are better than a wait, unless somebody is missed.
        if (isUrgent || ageMs === Infinity) await resolving;
      }
      return known;
    },
  };
}

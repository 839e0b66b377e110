/** The adapters of the showcase, by what they promise in a cluster. */
export interface AdapterUnderTest {
  readonly name: string;
  /** A stash is there after `kill -9` of the node where it was made. */
  readonly outlivesNode: boolean;
  /** One view owns a stash, wherever it is: what another one saves is refused. */
  readonly hasOwners: boolean;
}

const ALL: readonly AdapterUnderTest[] = [
  { name: "memory", outlivesNode: false, hasOwners: true },
  // The page itself holds the state: there is nothing that two views could share.
  { name: "browser", outlivesNode: true, hasOwners: false },
  { name: "redis", outlivesNode: true, hasOwners: true },
  { name: "nats", outlivesNode: true, hasOwners: true },
];

/** All, or those that `LIVE_STASH_ADAPTERS` names: `LIVE_STASH_ADAPTERS=memory,nats`. */
const asked = process.env["LIVE_STASH_ADAPTERS"]?.split(",");
export const adapters = ALL.filter(({ name }) => asked?.includes(name) ?? true);

export const ownedAdapters = adapters.filter(({ hasOwners }) => hasOwners);

/** The path of an adapter's plain page, where stashes outlive any test. */
export const counterPath = (adapter: string): string => `/test/counter/${adapter}?ttlMs=600000`;

/** Minutes instead of seconds: `LIVE_STASH_LONG=1 npm test -- tests/cluster`. */
export const isLong = process.env["LIVE_STASH_LONG"] === "1";

/** Against hanging only, in ms: processes start slowly on a machine that is busy with other tests. */
export const HANGS_AFTER_MS = 300_000;

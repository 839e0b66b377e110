/** An adapter of the showcase, and its promises in a cluster. */
export interface AdapterUnderTest {
  readonly name: string;
  /** Whether a stash survives `kill -9` of the node that stored it. */
  readonly outlivesNode: boolean;
  /** Whether one view owns a stash, so that saves of other views are rejected. */
  readonly hasOwners: boolean;
}

const ALL: readonly AdapterUnderTest[] = [
  { name: "memory", outlivesNode: false, hasOwners: true },
  // The page itself has the state, so two views share nothing.
  { name: "browser", outlivesNode: true, hasOwners: false },
  { name: "redis", outlivesNode: true, hasOwners: true },
  { name: "nats", outlivesNode: true, hasOwners: true },
];

/** The adapters that `LIVE_STASH_ADAPTERS` names, such as `memory,nats`. Default: all. */
const asked = process.env["LIVE_STASH_ADAPTERS"]?.split(",");
export const adapters = ALL.filter(({ name }) => asked?.includes(name) ?? true);

export const ownedAdapters = adapters.filter(({ hasOwners }) => hasOwners);

/** Returns the path of an adapter's plain page, with a TTL longer than any test. */
export const counterPath = (adapter: string): string => `/test/counter/${adapter}?ttlMs=600000`;

/** Whether tests run for minutes instead of seconds: `LIVE_STASH_LONG=1 npm test -- tests/cluster`. */
export const isLong = process.env["LIVE_STASH_LONG"] === "1";

/** Only a limit against hanging, in ms: processes start slowly on a busy machine. */
export const HANGS_AFTER_MS = 300_000;

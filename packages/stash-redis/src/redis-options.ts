import type { StashError } from "live-stash";
import {
  checkOptions,
  type Clock,
  createSealer,
  invalidOption,
  MAX_TIMER_MS,
  type OptionTable,
  SEAL_BYTES,
  type Sealer,
} from "live-stash/adapter";
import type { RedisClientOptions, RedisClusterOptions, RedisSentinelOptions } from "redis";
import { type Durability, parseDurability, type RedisDurability } from "./durability.ts";
import {
  type ClientSource,
  createOwnClient,
  isClusterClient,
  type OwnClientSource,
  type RedisClientLike,
} from "./redis-client.ts";
import { CALLER } from "./redis-errors.ts";

/** Options of `createRedisAdapter()`. Exactly one of the first five must be set. */
export interface RedisAdapterOptions {
  /** `redis[s]://[[user][:password]@]host[:port][/database]` or `unix://[user:password@]/path`. */
  readonly url?: string;
  /** A server, with the options of `createClient()` of the package `redis`. */
  readonly server?: RedisClientOptions;
  /** A cluster, with the options of `createCluster()`. */
  readonly cluster?: RedisClusterOptions;
  /** A primary that sentinels monitor, with the options of `createSentinel()`. */
  readonly sentinel?: RedisSentinelOptions;
  /**
   * A client, pool, cluster or sentinel of the package `redis` that the application connects and
   * closes. The adapter ignores its `keyPrefix`.
   */
  readonly client?: RedisClientLike;
  /** The beginning of every key. Default "live-stash:". At most 64 characters. */
  readonly keyPrefix?: string;
  /**
   * The time limit of one command, in ms. Default 800. Keep it below the option `timeoutMs` of
   * `liveStash()` (1,000): the adapter's error states the cause, that of `liveStash()` cannot.
   */
  readonly timeoutMs?: number;
  /** The most commands that may wait for replies; further calls reject. Default 10,000. */
  readonly maxQueueLength?: number;
  /** The most bytes of commands that may wait for replies. Default 67,108,864 (64 MiB). */
  readonly maxQueueBytes?: number;
  /** The largest record, in bytes. Default 4,194,304. */
  readonly maxRecordBytes?: number;
  /**
   * The confirmations that a save waits for: for instance `{ replicas: 1 }`, so that a failover loses no
   * acknowledged save. Default: none beyond the memory of the primary. A save that is not confirmed in
   * time rejects with `adapter_timeout`, and may have taken effect. The adapter opens a second connection
   * for saves; with a `client` of the application, recoveries wait behind them.
   */
  readonly durability?: RedisDurability;
  /**
   * Encrypts stored values (AES-256-GCM), and rejects values that this application did not encrypt.
   * Default `false`.
   */
  readonly encrypt?: boolean;
  /**
   * The secret to encrypt with, at least 32 characters. With several, the first encrypts and all
   * decrypt. Default: the environment variable `LIVE_STASH_SECRET`, as for `liveStash()`.
   */
  readonly secret?: string | readonly string[];
  /** The clock of deadlines and write numbers. Default: the system's clock. */
  readonly clock?: Clock;
}

export interface RedisSettings {
  readonly source: ClientSource;
  readonly isCluster: boolean;
  readonly keyPrefix: string;
  readonly timeoutMs: number;
  readonly maxQueueLength: number;
  readonly maxQueueBytes: number;
  readonly maxRecordBytes: number;
  readonly durability: Durability | undefined;
  readonly sealer: Sealer | undefined;
  readonly clock: Clock;
}

const SOURCES = ["url", "server", "cluster", "sentinel", "client"] as const;
/** Bounded because Redis stores the prefix in every key, and each command repeats it. */
const MAX_PREFIX_CHARACTERS = 64;
/** The longest string that Redis accepts by default. */
const MAX_VALUE_BYTES = 536_870_912;
/** The encryption, and generous room for the header of a value, which has up to 81 bytes. */
const VALUE_OVERHEAD_BYTES = 1_024 + SEAL_BYTES;

const TABLE = {
  url: { kind: "unchecked" },
  server: { kind: "unchecked" },
  cluster: { kind: "unchecked" },
  sentinel: { kind: "unchecked" },
  client: { kind: "unchecked" },
  keyPrefix: {
    kind: "value",
    accepts: (value) => typeof value === "string" && value.length <= MAX_PREFIX_CHARACTERS,
    expected: `a string of at most ${MAX_PREFIX_CHARACTERS} characters`,
    default: "live-stash:",
  },
  timeoutMs: { kind: "number", default: 800, most: MAX_TIMER_MS },
  maxQueueLength: { kind: "number", default: 10_000 },
  maxQueueBytes: { kind: "number", default: 67_108_864 },
  maxRecordBytes: {
    kind: "number",
    default: 4_194_304,
    most: MAX_VALUE_BYTES - VALUE_OVERHEAD_BYTES,
  },
  durability: { kind: "unchecked" },
  encrypt: { kind: "boolean", default: false },
  secret: { kind: "unchecked" },
  clock: { kind: "clock" },
} as const satisfies OptionTable<RedisAdapterOptions>;

/** Parses the options. Throws `invalid_option`, or `missing_secret`. */
export function parseRedisOptions(options: RedisAdapterOptions): RedisSettings {
  const checked = checkOptions(CALLER, options, TABLE);
  const { keyPrefix, timeoutMs, maxQueueLength, maxQueueBytes, maxRecordBytes, clock } = checked;
  const source = parseSource(options);
  const durability = parseDurability(options.durability, timeoutMs);
  if (durability !== undefined && source.kind === "client" && source.client.multi === undefined) {
    throw invalid(
      "client",
      "a client of the package `redis`, with multi(), as `durability` is set",
      "another",
      "Leave `durability` out, or pass such a client.",
    );
  }
  return {
    source,
    isCluster:
      source.kind === "cluster" || (source.kind === "client" && isClusterClient(source.client)),
    keyPrefix,
    timeoutMs,
    durability,
    maxQueueLength,
    maxQueueBytes,
    maxRecordBytes,
    sealer: createSealerIf(checked.encrypt, checked.secret),
    clock,
  };
}

function parseSource(options: RedisAdapterOptions): ClientSource {
  const { url, server, cluster, sentinel, client } = options;
  const given = SOURCES.filter((name) => options[name] !== undefined);
  if (given.length === 1) {
    if (url !== undefined) return checked({ kind: "server", options: { url: parseUrl(url) } });
    if (isObject(server)) return checked({ kind: "server", options: server });
    if (isObject(cluster)) return checked({ kind: "cluster", options: cluster });
    if (isObject(sentinel)) return checked({ kind: "sentinel", options: sentinel });
    if (isObject(client) && typeof client.sendCommand === "function") {
      return { kind: "client", client };
    }
  }
  throw invalid(
    given.length === 1 ? (given[0] ?? "url") : "options",
    `exactly one of ${SOURCES.join(", ")}, which states how to reach Redis`,
    given.length === 1 ? "another value" : given.join(" and ") || "none",
    'For instance url: "redis://127.0.0.1:6379".',
  );
}

/** Returns the URL, or throws an error that does not quote it, because it may contain a password. */
function parseUrl(url: unknown): string {
  const isUrl = typeof url === "string" && /^(rediss?:\/\/|unix:\/\/)/.test(url);
  if (isUrl && (url.startsWith("unix:") || URL.canParse(url))) return url;
  throw invalid(
    "url",
    "a URL that begins with redis://, rediss:// or unix://",
    typeof url === "string" ? "another string" : "another value",
    "Use the one that your Redis provider shows, with the password percent-encoded.",
  );
}

/** Creates a client that is never connected, because the package `redis` checks options at creation. */
function checked(source: OwnClientSource): OwnClientSource {
  const ignore = (): void => {};
  try {
    createOwnClient(source, { onReady: ignore, onError: ignore });
    return source;
  } catch {
    // Without a cause: the package's message may quote a URL with a password.
    throw invalid(
      source.kind,
      "options that the package `redis` accepts",
      "others",
      "Pass them to its own create function, whose error states what is wrong.",
    );
  }
}

function createSealerIf(
  encrypt: boolean,
  secret: RedisAdapterOptions["secret"],
): Sealer | undefined {
  if (encrypt) return createSealer({ secret, purpose: "redis value", of: CALLER });
  if (secret === undefined) return undefined;
  const advice = "Set it, or leave `secret` out: it would encrypt nothing.";
  throw invalid("secret", "`encrypt: true` beside it", "none", advice);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function invalid(option: string, expected: string, found: string, advice: string): StashError {
  return invalidOption({ caller: CALLER, option, expected, found, advice });
}

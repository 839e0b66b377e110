import { type Clock, createSealer, SEAL_BYTES, type Sealer } from "live-stash/adapter";
import type { RedisClientOptions, RedisClusterOptions, RedisSentinelOptions } from "redis";
import { type Durability, parseDurability, type RedisDurability } from "./durability.ts";
import { CALLER, wrongOption } from "./redis-errors.ts";
import { type GivenRedisClient, isClusterClient, type LinkSource } from "./redis-link.ts";

/** Which Redis, and how stashes are kept there. Exactly one of the first five is needed. */
export interface RedisAdapterOptions {
  /** `redis[s]://[[user][:password]@]host[:port][/database]` or `unix://[user:password@]/path`. */
  readonly url?: string;
  /** A server, with the options of `createClient()` of the package `redis`. */
  readonly server?: RedisClientOptions;
  /** A cluster, with the options of `createCluster()`. */
  readonly cluster?: RedisClusterOptions;
  /** A primary that sentinels watch over, with the options of `createSentinel()`. */
  readonly sentinel?: RedisSentinelOptions;
  /**
   * A client, pool, cluster or sentinel of the package `redis` that the application connects and
   * closes. Its own `keyPrefix` is not used.
   */
  readonly client?: GivenRedisClient;
  /** Begins the name of every key. Default "live-stash:". At most 64 characters. */
  readonly keyPrefix?: string;
  /**
   * How long one command may take, in ms. Default 800. Keep it below the option `timeoutMs` of
   * `liveStash()` (1,000), so that the error says what is known.
   */
  readonly timeoutMs?: number;
  /** How many commands may wait for answers. Default 10,000; more are refused. */
  readonly maxQueueLength?: number;
  /** How many bytes of commands may wait for answers. Default 67,108,864 (64 MiB). */
  readonly maxQueueBytes?: number;
  /** The largest record, in bytes. Default 4,194,304. */
  readonly maxRecordBytes?: number;
  /**
   * When a save counts as saved: for instance `{ replicas: 1 }`, so that a failover loses nothing that
   * was acknowledged. Default: when the primary has it in memory. A save that does not get so far in time
   * is an `adapter_timeout`, and may have taken effect. The adapter's own `server`, `cluster` or
   * `sentinel` gets a second connection for it; of a `client` of the application, recoveries wait too.
   */
  readonly durability?: RedisDurability;
  /**
   * Encrypts what is stored (AES-256-GCM), and refuses what was not encrypted by this application.
   * Default `false`.
   */
  readonly encrypt?: boolean;
  /**
   * What to encrypt with. At least 32 characters. Several: the first encrypts, all decrypt. Default:
   * the environment variable `LIVE_STASH_SECRET`, as for `liveStash()`.
   */
  readonly secret?: string | readonly string[];
  /** Default: the system's clock. */
  readonly clock?: Clock;
}

export interface RedisSettings {
  readonly source: LinkSource | { readonly kind: "given"; readonly client: GivenRedisClient };
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
const NUMBERS = {
  timeoutMs: 800,
  maxQueueLength: 10_000,
  maxQueueBytes: 67_108_864,
  maxRecordBytes: 4_194_304,
} as const;
const OPTIONS: readonly string[] = [
  ...SOURCES,
  ...Object.keys(NUMBERS),
  "keyPrefix",
  "durability",
  "encrypt",
  "secret",
  "clock",
];
const MAX_TIMEOUT_MS = 2_147_483_647;
const MAX_PREFIX_CHARACTERS = 64;
/** Redis takes no longer strings by default. */
const MAX_VALUE_BYTES = 536_870_912;
const VALUE_OVERHEAD_BYTES = 1_024 + SEAL_BYTES;

/** Rejects with `invalid_option`, or `missing_secret`. */
export function parseRedisOptions(options: RedisAdapterOptions): RedisSettings {
  if (typeof options !== "object" || options === null) {
    throw wrongOption("options", "an object", options, `Call ${CALLER}({ url: "redis://…" }).`);
  }
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) {
    const expected = `one of ${OPTIONS.join(", ")}`;
    throw wrongOption(unknown, expected, "another name", "Correct the name or leave it out.");
  }
  const source = parseSource(options);
  const timeoutMs = parseNumber("timeoutMs", options.timeoutMs, MAX_TIMEOUT_MS);
  const durability = parseDurability(options.durability, timeoutMs);
  if (durability !== undefined && source.kind === "given" && source.client.multi === undefined) {
    const expected = "a client of the package `redis`, with multi(), as `durability` is set";
    throw wrongOption(
      "client",
      expected,
      "another",
      "Leave `durability` out, or give such a client.",
    );
  }
  return {
    source,
    isCluster:
      source.kind === "cluster" || (source.kind === "given" && isClusterClient(source.client)),
    keyPrefix: parsePrefix(options.keyPrefix),
    timeoutMs,
    durability,
    maxQueueLength: parseNumber("maxQueueLength", options.maxQueueLength),
    maxQueueBytes: parseNumber("maxQueueBytes", options.maxQueueBytes),
    maxRecordBytes: parseNumber(
      "maxRecordBytes",
      options.maxRecordBytes,
      MAX_VALUE_BYTES - VALUE_OVERHEAD_BYTES,
    ),
    sealer: parseEncryption(options),
    clock: parseClock(options.clock),
  };
}

function parseSource(options: RedisAdapterOptions): RedisSettings["source"] {
  const { url, server, cluster, sentinel, client } = options;
  const given = SOURCES.filter((name) => options[name] !== undefined);
  if (given.length === 1) {
    if (url !== undefined) return { kind: "server", options: { url: parseUrl(url) } };
    if (isObject(server)) return { kind: "server", options: server };
    if (isObject(cluster)) return { kind: "cluster", options: cluster };
    if (isObject(sentinel)) return { kind: "sentinel", options: sentinel };
    if (isObject(client) && typeof client.sendCommand === "function") {
      return { kind: "given", client };
    }
  }
  throw wrongOption(
    given.length === 1 ? (given[0] ?? "url") : "options",
    `exactly one of ${SOURCES.join(", ")}, to say which Redis`,
    given.length === 1 ? "something else" : given.join(" and ") || "none",
    'For instance url: "redis://127.0.0.1:6379".',
  );
}

/** What is wrong with a URL is not said in its own words: it may hold a password. */
function parseUrl(url: unknown): string {
  const isUrl = typeof url === "string" && /^(rediss?:\/\/|unix:\/\/)/.test(url);
  if (isUrl && (url.startsWith("unix:") || URL.canParse(url))) return url;
  throw wrongOption(
    "url",
    "a URL that begins with redis://, rediss:// or unix://",
    typeof url === "string" ? "another string" : url,
    "Take the one that your Redis gives out; percent-encode its password.",
  );
}

function parsePrefix(value: unknown = "live-stash:"): string {
  const isPrefix = typeof value === "string" && value.length <= MAX_PREFIX_CHARACTERS;
  if (isPrefix) return value;
  const expected = `a string of at most ${MAX_PREFIX_CHARACTERS} characters`;
  throw wrongOption("keyPrefix", expected, typeof value === "string" ? "a longer one" : value);
}

function parseNumber(
  name: keyof typeof NUMBERS,
  value: unknown = NUMBERS[name],
  max: number = Number.MAX_SAFE_INTEGER,
): number {
  const isGood = typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= max;
  if (isGood) return value;
  throw wrongOption(name, `a whole number from 1 to ${max}`, value);
}

function parseEncryption({ encrypt = false, secret }: RedisAdapterOptions): Sealer | undefined {
  if (typeof encrypt !== "boolean") throw wrongOption("encrypt", "true or false", encrypt);
  if (encrypt) return createSealer({ secret, purpose: "redis value", of: CALLER });
  if (secret === undefined) return undefined;
  throw wrongOption(
    "secret",
    "`encrypt: true` beside it",
    "none",
    "Without it, nothing is encrypted.",
  );
}

function parseClock(clock: unknown = Date): Clock {
  if (isObject(clock) && typeof (clock as Partial<Clock>).now === "function") return clock as Clock;
  throw wrongOption(
    "clock",
    "an object with a function now() that gives ms since the epoch",
    clock,
  );
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || value === Date;
}

import { type Clock, createSealer, SEAL_BYTES, type Sealer } from "live-stash/adapter";
import type { RedisClientOptions, RedisClusterOptions, RedisSentinelOptions } from "redis";
import { type Durability, parseDurability, type RedisDurability } from "./durability.ts";
import {
  type ClientSource,
  createOwnClient,
  isClusterClient,
  type OwnClientSource,
  type RedisClientLike,
} from "./redis-client.ts";
import { CALLER, invalidOption } from "./redis-errors.ts";

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
   * How long one command may take, in ms. Default 800. Keep it below the option `timeoutMs` of
   * `liveStash()` (1,000), because the adapter's error states the cause.
   */
  readonly timeoutMs?: number;
  /** How many commands may wait for replies. Default 10,000. Further calls are rejected. */
  readonly maxQueueLength?: number;
  /** How many bytes of commands may wait for replies. Default 67,108,864 (64 MiB). */
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
  /** Default: the system's clock. */
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
/** The longest delay of a timer: Node.js replaces a longer one by 1 ms. */
const MAX_TIMEOUT_MS = 2_147_483_647;
/** Long enough for any name of an application; every key repeats it, in memory and in each command. */
const MAX_PREFIX_CHARACTERS = 64;
/** The longest string that Redis accepts by default. */
const MAX_VALUE_BYTES = 536_870_912;
/** The encryption, and generous room for the header of a value, which has up to 81 bytes. */
const VALUE_OVERHEAD_BYTES = 1_024 + SEAL_BYTES;

/** Parses the options. Throws `invalid_option`, or `missing_secret`. */
export function parseRedisOptions(options: RedisAdapterOptions): RedisSettings {
  if (typeof options !== "object" || options === null) {
    throw invalidOption("options", "an object", options, `Call ${CALLER}({ url: "redis://…" }).`);
  }
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) {
    const expected = `one of ${OPTIONS.join(", ")}`;
    throw invalidOption(unknown, expected, "another name", "Correct the name or leave it out.");
  }
  const source = parseSource(options);
  const timeoutMs = parseNumber("timeoutMs", options.timeoutMs, MAX_TIMEOUT_MS);
  const durability = parseDurability(options.durability, timeoutMs);
  if (durability !== undefined && source.kind === "client" && source.client.multi === undefined) {
    throw invalidOption(
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
  throw invalidOption(
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
  throw invalidOption(
    "url",
    "a URL that begins with redis://, rediss:// or unix://",
    typeof url === "string" ? "another string" : url,
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
    throw invalidOption(
      source.kind,
      "options that the package `redis` accepts",
      "others",
      "Pass them to its own create function, whose error states what is wrong.",
    );
  }
}

function parsePrefix(value: unknown = "live-stash:"): string {
  const isPrefix = typeof value === "string" && value.length <= MAX_PREFIX_CHARACTERS;
  if (isPrefix) return value;
  const expected = `a string of at most ${MAX_PREFIX_CHARACTERS} characters`;
  throw invalidOption("keyPrefix", expected, typeof value === "string" ? "a longer one" : value);
}

function parseNumber(
  name: keyof typeof NUMBERS,
  value: unknown = NUMBERS[name],
  max: number = Number.MAX_SAFE_INTEGER,
): number {
  const isValid =
    typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= max;
  if (isValid) return value;
  throw invalidOption(name, `a whole number from 1 to ${max}`, value);
}

function parseEncryption({ encrypt = false, secret }: RedisAdapterOptions): Sealer | undefined {
  if (typeof encrypt !== "boolean") throw invalidOption("encrypt", "true or false", encrypt);
  if (encrypt) return createSealer({ secret, purpose: "redis value", of: CALLER });
  if (secret === undefined) return undefined;
  throw invalidOption(
    "secret",
    "`encrypt: true` beside it",
    "none",
    "Set it, or leave `secret` out: it would encrypt nothing.",
  );
}

function parseClock(clock: unknown = Date): Clock {
  if (isObject(clock) && typeof (clock as Partial<Clock>).now === "function") return clock as Clock;
  throw invalidOption(
    "clock",
    "an object with a function now() that returns ms since the epoch",
    clock,
  );
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || value === Date;
}

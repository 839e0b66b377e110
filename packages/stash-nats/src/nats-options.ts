import { type Clock, createSealer, SEAL_BYTES, type Sealer } from "live-stash/adapter";
import {
  CONNECTION_OPTIONS,
  type NatsConnectionOptions,
  parseConnectionOptions,
} from "./connection/connection-options.ts";
import type { ConnectionSource } from "./connection/managed-connection.ts";
import { describeValue, invalidOption } from "./nats-errors.ts";
import { STATE_OVERHEAD_BYTES } from "./stream/message.ts";

/** The NATS servers, and how they keep stashes. Either `servers` or `connection` is required. */
export interface NatsAdapterOptions extends NatsConnectionOptions {
  /**
   * The name of the stream and the prefix of every subject; one for each application that shares
   * servers. Default "ls". At most 32 characters of `A-Z a-z 0-9 _ -`: each message carries it.
   */
  readonly stream?: string;
  /**
   * The number of servers that keep each stash: 1, 3 or 5; 2 and 4 survive no more failures than 1 and
   * 3. Default: 3 if the server belongs to a cluster, else 1. It takes effect when the stream is created.
   */
  readonly replicas?: number;
  /** The servers' storage for stashes. Default "memory". */
  readonly storage?: "memory" | "file";
  /**
   * The longest option `ttlMs` of the views that use this adapter, in ms. The adapter stores the state
   * of a connected view again after this time, and the servers delete any message after 3 times as
   * long, whatever its deadline. Default 3,600,000 (1 h).
   */
  readonly maxTtlMs?: number;
  /**
   * The time limit of one call, in ms. Default 800. Keep it below the option `timeoutMs` of
   * `liveStash()` (1,000), so that the adapter's own error, which names the reason, comes first.
   */
  readonly timeoutMs?: number;
  /** The number of calls that may wait for answers. Default 10,000; further calls are rejected. */
  readonly maxQueueLength?: number;
  /** The size of the largest record, in bytes. Default 262,144 (256 KiB), at most 1,000,000. */
  readonly maxRecordBytes?: number;
  /** Encrypts stored records (AES-256-GCM). Default `false`. */
  readonly encrypt?: boolean;
  /**
   * The secret to encrypt with, at least 32 characters. Of several, the first encrypts and all
   * decrypt. Default: the environment variable `LIVE_STASH_SECRET`, as for `liveStash()`.
   */
  readonly secret?: string | readonly string[];
  /** Default: the system's clock. The clocks of all nodes must agree to within a minute. */
  readonly clock?: Clock;
}

export interface NatsSettings {
  readonly source: ConnectionSource;
  readonly stream: string;
  readonly replicas: number | undefined;
  readonly storage: "memory" | "file";
  readonly maxTtlMs: number;
  readonly timeoutMs: number;
  readonly maxQueueLength: number;
  readonly maxRecordBytes: number;
  /** The size of the largest message that the servers must accept. */
  readonly maxMessageBytes: number;
  readonly sealer: Sealer | undefined;
  readonly clock: Clock;
}

const CALLER = "createNatsAdapter";
const NUMBERS = {
  maxTtlMs: { fallback: 3_600_000, max: 2_592_000_000 },
  // The longest time of a timer of Node.js.
  timeoutMs: { fallback: 800, max: 2_147_483_647 },
  maxQueueLength: { fallback: 10_000, max: Number.MAX_SAFE_INTEGER },
  // By default servers accept messages of 1 MiB, headers included.
  maxRecordBytes: { fallback: 262_144, max: 1_000_000 },
} as const;
const OPTIONS: readonly string[] = [
  ...CONNECTION_OPTIONS,
  "stream",
  "replicas",
  "storage",
  ...Object.keys(NUMBERS),
  "encrypt",
  "secret",
  "clock",
];

/** The bytes of a message besides its record, with 256 for its headers. */
const MESSAGE_OVERHEAD_BYTES = STATE_OVERHEAD_BYTES + SEAL_BYTES + 256;

/** Checks the options. Throws `invalid_option`, or `missing_secret`. */
export function parseNatsOptions(options: NatsAdapterOptions): NatsSettings {
  if (typeof options !== "object" || options === null) {
    const advice = `Call ${CALLER}({ servers: "nats://…" }).`;
    throw invalid("options", "an object", describeValue(options), advice);
  }
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) throw invalid(unknown, `one of ${OPTIONS.join(", ")}`, "another name");
  const stream = options.stream ?? "ls";
  const maxRecordBytes = parseNumber("maxRecordBytes", options.maxRecordBytes);
  return {
    source: parseConnectionOptions(CALLER, options, stream),
    stream: parseStream(stream),
    replicas: parseReplicas(options.replicas),
    storage: parseStorage(options.storage),
    maxTtlMs: parseNumber("maxTtlMs", options.maxTtlMs),
    timeoutMs: parseNumber("timeoutMs", options.timeoutMs),
    maxQueueLength: parseNumber("maxQueueLength", options.maxQueueLength),
    maxRecordBytes,
    maxMessageBytes: maxRecordBytes + MESSAGE_OVERHEAD_BYTES,
    sealer: parseEncryption(options),
    clock: parseClock(options.clock),
  };
}

function parseStream(stream: unknown): string {
  if (typeof stream === "string" && /^[\w-]{1,32}$/.test(stream)) return stream;
  throw invalid("stream", "1 to 32 characters of A-Z a-z 0-9 _ -", "another value");
}

function parseReplicas(replicas: unknown): number | undefined {
  if (replicas === undefined) return undefined;
  const isCount = typeof replicas === "number" && Number.isInteger(replicas);
  if (isCount && replicas >= 1 && replicas <= 5) return replicas;
  throw invalid("replicas", "a whole number from 1 to 5", describeValue(replicas));
}

function parseStorage(storage: unknown = "memory"): "memory" | "file" {
  if (storage === "memory" || storage === "file") return storage;
  throw invalid("storage", '"memory" or "file"', "another value");
}

function parseNumber(name: keyof typeof NUMBERS, given: unknown): number {
  const { fallback, max } = NUMBERS[name];
  const value = given ?? fallback;
  const isValid = typeof value === "number" && Number.isInteger(value);
  if (isValid && value >= 1 && value <= max) return value;
  throw invalid(name, `a whole number from 1 to ${max}`, describeValue(value));
}

function parseEncryption({ encrypt = false, secret }: NatsAdapterOptions): Sealer | undefined {
  if (typeof encrypt !== "boolean")
    throw invalid("encrypt", "true or false", describeValue(encrypt));
  if (encrypt) return createSealer({ secret, purpose: "nats record", of: CALLER });
  if (secret === undefined) return undefined;
  const advice = "Without `encrypt: true` the adapter does not encrypt.";
  throw invalid("secret", "`encrypt: true` beside it", "none", advice);
}

function parseClock(clock: unknown = Date): Clock {
  const isObject = (typeof clock === "object" && clock !== null) || clock === Date;
  if (isObject && typeof (clock as Clock).now === "function") return clock as Clock;
  const expected = "an object whose function now() returns ms since the epoch";
  throw invalid("clock", expected, describeValue(clock));
}

function invalid(option: string, expected: string, found: string, advice?: string): Error {
  return invalidOption(CALLER, option, expected, found, advice);
}

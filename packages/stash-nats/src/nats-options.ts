import { type Clock, createSealer, SEAL_BYTES, type Sealer } from "live-stash/adapter";
import type { LinkSource } from "./connection/nats-connection.ts";
import {
  type NatsSourceOptions,
  parseSource,
  SOURCE_OPTIONS,
} from "./connection/connection-options.ts";
import { STATE_OVERHEAD_BYTES } from "./stream/message.ts";
import { wrongOption } from "./nats-errors.ts";

/** Which NATS servers, and how stashes are kept there. Either `servers` or `connection` is needed. */
export interface NatsAdapterOptions extends NatsSourceOptions {
  /**
   * The name of the stream, and what every subject begins with; one for each application that shares
   * servers. Default "ls". At most 32 characters of `A-Z a-z 0-9 _ -`; it is part of every message.
   */
  readonly stream?: string;
  /**
   * How many servers keep each stash: 1, 3 or 5; 2 and 4 survive no more than 1 and 3. Default: 3 if
   * the server belongs to a cluster, else 1. Counts when the stream is made.
   */
  readonly replicas?: number;
  /** Where the servers keep stashes. Default "memory". */
  readonly storage?: "memory" | "file";
  /**
   * The longest option `ttlMs` of the views that use the adapter, in ms. States of connected views are
   * written again after as long, and servers let go of what was not for 3 times as long, whatever
   * deadline it has. Default 3,600,000 (1 h).
   */
  readonly maxTtlMs?: number;
  /**
   * How long one call may take, in ms. Default 800. Keep it below the option `timeoutMs` of
   * `liveStash()` (1,000), so that the error says what is known.
   */
  readonly timeoutMs?: number;
  /** How many calls may wait for answers. Default 10,000; more are refused. */
  readonly maxQueueLength?: number;
  /** The largest record, in bytes. Default 262,144 (256 KiB), at most 1,000,000. */
  readonly maxRecordBytes?: number;
  /** Encrypts what is stored (AES-256-GCM). Default `false`. */
  readonly encrypt?: boolean;
  /**
   * What to encrypt with. At least 32 characters. Several: the first encrypts, all decrypt. Default:
   * the environment variable `LIVE_STASH_SECRET`, as for `liveStash()`.
   */
  readonly secret?: string | readonly string[];
  /** Default: the system's clock. Those of all nodes must agree to within a minute. */
  readonly clock?: Clock;
}

export interface NatsSettings {
  readonly source: LinkSource;
  readonly stream: string;
  readonly replicas: number | undefined;
  readonly storage: "memory" | "file";
  readonly maxTtlMs: number;
  readonly timeoutMs: number;
  readonly maxQueueLength: number;
  readonly maxRecordBytes: number;
  /** The largest message, which the servers must take. */
  readonly maxMessageBytes: number;
  readonly sealer: Sealer | undefined;
  readonly clock: Clock;
}

const of = "createNatsAdapter";
const NUMBERS = {
  maxTtlMs: { fallback: 3_600_000, to: 2_592_000_000 },
  timeoutMs: { fallback: 800, to: 2_147_483_647 },
  maxQueueLength: { fallback: 10_000, to: Number.MAX_SAFE_INTEGER },
  // A server takes messages of 1 MiB, unless it is told otherwise.
  maxRecordBytes: { fallback: 262_144, to: 1_000_000 },
} as const;
const OPTIONS: readonly string[] = [
  ...SOURCE_OPTIONS,
  "stream",
  "replicas",
  "storage",
  ...Object.keys(NUMBERS),
  "encrypt",
  "secret",
  "clock",
];

/** What a message takes besides a record, with its headers, in bytes. */
const MESSAGE_OVERHEAD_BYTES = STATE_OVERHEAD_BYTES + SEAL_BYTES + 256;

/** Rejects with `invalid_option`, or `missing_secret`. */
export function parseNatsOptions(options: NatsAdapterOptions): NatsSettings {
  if (typeof options !== "object" || options === null) {
    throw wrong("options", "an object", options, `Call ${of}({ servers: "nats://…" }).`);
  }
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) throw wrong(unknown, `one of ${OPTIONS.join(", ")}`, "another name");
  const stream = options.stream ?? "ls";
  const maxRecordBytes = parseNumber("maxRecordBytes", options.maxRecordBytes);
  return {
    source: parseSource(of, options, stream),
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
  throw wrong("stream", "1 to 32 characters of A-Z a-z 0-9 _ -", "others");
}

function parseReplicas(replicas: unknown): number | undefined {
  if (replicas === undefined) return undefined;
  const isCount = typeof replicas === "number" && Number.isInteger(replicas);
  if (isCount && replicas >= 1 && replicas <= 5) return replicas;
  throw wrong("replicas", "a whole number from 1 to 5", replicas);
}

function parseStorage(storage: unknown = "memory"): "memory" | "file" {
  if (storage === "memory" || storage === "file") return storage;
  throw wrong("storage", '"memory" or "file"', "something else");
}

function parseNumber(name: keyof typeof NUMBERS, given: unknown): number {
  const { fallback, to } = NUMBERS[name];
  const value = given ?? fallback;
  const isGood = typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= to;
  if (isGood) return value;
  throw wrong(name, `a whole number from 1 to ${to}`, value);
}

function parseEncryption({ encrypt = false, secret }: NatsAdapterOptions): Sealer | undefined {
  if (typeof encrypt !== "boolean") throw wrong("encrypt", "true or false", encrypt);
  if (encrypt) return createSealer({ secret, purpose: "nats record", of });
  if (secret === undefined) return undefined;
  throw wrong("secret", "`encrypt: true` beside it", "none", "Without it, nothing is encrypted.");
}

function parseClock(clock: unknown = Date): Clock {
  const isClock = (isObject(clock) || clock === Date) && typeof (clock as Clock).now === "function";
  if (isClock) return clock as Clock;
  throw wrong("clock", "an object with a function now() that gives ms since the epoch", clock);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function wrong(option: string, expected: string, found: unknown, advice?: string): Error {
  const isShown = typeof found === "number" || typeof found === "boolean";
  const shown = isShown ? String(found) : typeof found === "string" ? found : typeof found;
  return wrongOption(of, option, expected, shown, advice);
}

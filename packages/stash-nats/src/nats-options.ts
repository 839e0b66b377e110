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
import {
  CONNECTION_TABLE,
  connectionSource,
  type NatsConnectionOptions,
  PREFIX_ROW,
} from "./connection/connection-options.ts";
import type { ConnectionSource } from "./connection/managed-connection.ts";
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
const TABLE = {
  ...CONNECTION_TABLE,
  stream: PREFIX_ROW,
  replicas: { kind: "number", most: 5 },
  storage: { kind: "choice", choices: ["memory", "file"], default: "memory" },
  // 30 days: a longest lease of 49 days fits into a message.
  maxTtlMs: { kind: "number", default: 3_600_000, most: 2_592_000_000 },
  timeoutMs: { kind: "number", default: 800, most: MAX_TIMER_MS },
  maxQueueLength: { kind: "number", default: 10_000 },
  // By default servers accept messages of 1 MiB, headers included.
  maxRecordBytes: { kind: "number", default: 262_144, most: 1_000_000 },
  encrypt: { kind: "boolean", default: false },
  secret: { kind: "unchecked" },
  clock: { kind: "clock" },
} as const satisfies OptionTable<NatsAdapterOptions>;

/** The bytes of a message besides its record, with 256 for its headers. */
const MESSAGE_OVERHEAD_BYTES = STATE_OVERHEAD_BYTES + SEAL_BYTES + 256;

/** Checks the options. Throws `invalid_option`, or `missing_secret`. */
export function parseNatsOptions(options: NatsAdapterOptions): NatsSettings {
  const checked = checkOptions(CALLER, options, TABLE);
  const { stream, replicas, storage, maxTtlMs, timeoutMs, maxQueueLength, maxRecordBytes, clock } =
    checked;
  return {
    source: connectionSource(CALLER, options, stream),
    stream,
    replicas,
    storage,
    maxTtlMs,
    timeoutMs,
    maxQueueLength,
    maxRecordBytes,
    maxMessageBytes: maxRecordBytes + MESSAGE_OVERHEAD_BYTES,
    sealer: createSealerIf(checked.encrypt, checked.secret),
    clock,
  };
}

function createSealerIf(
  encrypt: boolean,
  secret: NatsAdapterOptions["secret"],
): Sealer | undefined {
  if (encrypt) return createSealer({ secret, purpose: "nats record", of: CALLER });
  if (secret === undefined) return undefined;
  throw invalidOption({
    caller: CALLER,
    option: "secret",
    expected: "`encrypt: true` beside it",
    found: "none",
    advice: "Set it, or leave `secret` out: it would encrypt nothing.",
  });
}

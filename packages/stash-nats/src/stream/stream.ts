import {
  DiscardPolicy,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamInfo,
} from "@nats-io/jetstream";
import type { ServerInfo } from "@nats-io/transport-node";
import type { StashError } from "live-stash";
import { wrongStream } from "../nats-errors.ts";
import type { Subjects } from "./message.ts";

/**
 * The number of messages that the servers keep of one stash: its latest state, `MAX_UPDATES` updates,
 * and three more, because up to four nodes may write at the same moment without knowing of each other.
 */
export const KEPT_MESSAGES = 6;

/** After this many updates the next message must be a state, so that the servers still keep one. */
export const MAX_UPDATES = 2;

export interface StreamSettings {
  readonly stream: string;
  readonly storage: "memory" | "file";
  /** `undefined`: 3 if the server belongs to a cluster, else 1; an existing stream may have any. */
  readonly replicas: number | undefined;
  readonly maxAgeMs: number;
  readonly maxMessageBytes: number;
}

/** JetStream's error code for a stream that does not exist. */
const STREAM_NOT_FOUND = 10_059;
const NS_PER_MS = 1_000_000;

/** Returns the stream of the stashes, created if missing. Rejects if its settings are different. */
export async function ensureStream(
  manager: JetStreamManager,
  settings: StreamSettings,
  subjects: Subjects,
  server: ServerInfo | undefined,
): Promise<StreamInfo> {
  if (server !== undefined && server.max_payload < settings.maxMessageBytes) {
    throw wrongStream(
      `servers that take messages of ${settings.maxMessageBytes} bytes`,
      `max_payload ${server.max_payload}`,
      "Raise `max_payload` of the servers, or lower `maxRecordBytes`.",
    );
  }
  try {
    return checked(await manager.streams.info(settings.stream), settings, subjects);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  const replicas = settings.replicas ?? (server?.cluster === undefined ? 1 : 3);
  try {
    // Another node may create the stream at the same moment: JetStream accepts the same one twice.
    return await manager.streams.add({
      name: settings.stream,
      subjects: [...subjects.stored],
      retention: RetentionPolicy.Limits,
      discard: DiscardPolicy.Old,
      storage: settings.storage === "memory" ? StorageType.Memory : StorageType.File,
      num_replicas: replicas,
      max_msgs_per_subject: KEPT_MESSAGES,
      max_age: settings.maxAgeMs * NS_PER_MS,
    });
  } catch (error) {
    throw notCreated(error, replicas);
  }
}

export function isNotFound(error: unknown): boolean {
  return codeOf(error) === STREAM_NOT_FOUND;
}

function checked(info: StreamInfo, settings: StreamSettings, subjects: Subjects): StreamInfo {
  const { config } = info;
  const differ = (setting: string, expected: unknown, found: unknown): StashError =>
    wrongStream(
      `the stream "${settings.stream}" with ${setting} ${String(expected)}`,
      String(found),
      "Give all nodes the same options, change the stream, or name another one (`stream`).",
    );
  if (config.subjects.toSorted().join() !== subjects.stored.toSorted().join()) {
    throw differ("the subjects", subjects.stored.join(", "), config.subjects.join(", "));
  }
  if (config.storage !== settings.storage) {
    throw differ("the storage", settings.storage, config.storage);
  }
  if (settings.replicas !== undefined && config.num_replicas !== settings.replicas) {
    throw differ("num_replicas", settings.replicas, config.num_replicas);
  }
  if (config.max_age !== settings.maxAgeMs * NS_PER_MS) {
    throw differ("max_age (3 times maxTtlMs)", `${settings.maxAgeMs} ms`, `${config.max_age} ns`);
  }
  if (config.max_msgs_per_subject !== KEPT_MESSAGES) {
    throw differ("max_msgs_per_subject", KEPT_MESSAGES, config.max_msgs_per_subject);
  }
  return info;
}

/** Explains an error that means too few servers: those missing may start in a moment. */
function notCreated(cause: unknown, replicas: number): unknown {
  const description = cause instanceof Error ? cause.message : "";
  if (!/no suitable peers|insufficient|replicas > 1 not supported/i.test(description)) return cause;
  return new Error(
    `A stream of ${replicas} replicas needs as many servers of one cluster, with JetStream and room. ` +
      "Start them, or set `replicas` to the number of servers.",
    { cause },
  );
}

function codeOf(error: unknown): number | undefined {
  return typeof error === "object" && error !== null && "code" in error
    ? (error as { code: number }).code
    : undefined;
}

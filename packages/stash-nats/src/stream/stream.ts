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
 * How many messages of one stash the servers keep: its last state, `MAX_MARKERS`, and as many more as
 * nodes may write at the same moment without knowing of each other, of which one counts.
 */
export const KEPT_MESSAGES = 6;

/** After so many messages since the last state, the next one is a state again. */
export const MAX_MARKERS = 2;

/** What the stream must be like. */
export interface StreamSettings {
  readonly stream: string;
  readonly storage: "memory" | "file";
  /** `undefined`: 3 if the server belongs to a cluster, else 1; of an existing stream any. */
  readonly replicas: number | undefined;
  readonly maxAgeMs: number;
  readonly maxMessageBytes: number;
}

const STREAM_NOT_FOUND = 10_059;

/** The stream of the stashes, made if it is not there. Rejects with what is wrong with it. */
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
  // Another node that does the same at this moment is welcome: the same stream again is no error.
  const replicas = settings.replicas ?? (server?.cluster === undefined ? 1 : 3);
  try {
    return await manager.streams.add({
      name: settings.stream,
      subjects: [...subjects.stored],
      retention: RetentionPolicy.Limits,
      discard: DiscardPolicy.Old,
      storage: settings.storage === "memory" ? StorageType.Memory : StorageType.File,
      num_replicas: replicas,
      max_msgs_per_subject: KEPT_MESSAGES,
      max_age: settings.maxAgeMs * 1_000_000,
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
  const differ = (what: string, expected: unknown, found: unknown): StashError =>
    wrongStream(
      `the stream "${settings.stream}" with ${what} ${String(expected)}`,
      String(found),
      "Give all nodes the same options, change the stream, or take another name for it (`stream`).",
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
  if (config.max_age !== settings.maxAgeMs * 1_000_000) {
    throw differ("max_age (3 times maxTtlMs)", `${settings.maxAgeMs} ms`, `${config.max_age} ns`);
  }
  if (config.max_msgs_per_subject !== KEPT_MESSAGES) {
    throw differ("max_msgs_per_subject", KEPT_MESSAGES, config.max_msgs_per_subject);
  }
  return info;
}

/** Servers that have only just started, or stopped, may be enough in a moment. */
function notCreated(cause: unknown, replicas: number): unknown {
  const description = cause instanceof Error ? cause.message : "";
  if (!/no suitable peers|insufficient|replicas > 1 not supported/i.test(description)) return cause;
  return new Error(
    `A stream of ${replicas} replicas needs as many servers of one cluster, with JetStream and room. ` +
      "Start them, or set `replicas` to how many there are.",
    { cause },
  );
}

function codeOf(error: unknown): number | undefined {
  return typeof error === "object" && error !== null && "code" in error
    ? (error as { code: number }).code
    : undefined;
}

import { setTimeout as pause } from "node:timers/promises";
import { ExpiringMap } from "./expiring-map.ts";
import { type ByHandStore, lifeMs, newName } from "./stash-by-hand.ts";

const STREAM = "by-hand";
const NS_PER_MS = 1_000_000;
const READY_WITHIN_MS = 10_000;
const RETRY_MS = 100;

/**
 * Creates a store in a stream with three replicas in memory, as LiveStash does, and mirrors the stream
 * in a map of each node. A plain subscription fills the map: nodes start before the first user.
 */
export async function inNats(ttlMs: number, servers: readonly string[]): Promise<ByHandStore> {
  const { connect } = await import("@nats-io/transport-node");
  const { jetstream, jetstreamManager, StorageType } = await import("@nats-io/jetstream");
  const connection = await connect({ servers: [...servers] });
  const manager = await jetstreamManager(connection, { checkAPI: false });
  await onceReady(() =>
    manager.streams.add({
      name: STREAM,
      subjects: [`${STREAM}.*`],
      storage: StorageType.Memory,
      num_replicas: 3,
      max_msgs_per_subject: 1,
      max_age: lifeMs(ttlMs) * NS_PER_MS,
    }),
  );
  const stashes = new ExpiringMap(lifeMs(ttlMs));
  connection.subscribe(`${STREAM}.*`, {
    callback(error, { subject, data }) {
      if (error === null) stashes.set(subject.slice(STREAM.length + 1), data);
    },
  });
  const stream = jetstream(connection);
  return {
    async save(token, bytes) {
      const name = token ?? newName();
      await stream.publish(`${STREAM}.${name}`, bytes);
      return name;
    },
    load: (token) => stashes.get(token),
    figures: () => stashes.figures(),
    async close() {
      stashes.close();
      await connection.close();
    },
  };
}

/** Retries `act`: servers that have just started refuse a stream that needs three of them. */
async function onceReady(act: () => Promise<unknown>): Promise<void> {
  const giveUpAtMs = performance.now() + READY_WITHIN_MS;
  for (;;) {
    try {
      await act();
      return;
    } catch (error) {
      if (performance.now() > giveUpAtMs) throw error;
      await pause(RETRY_MS);
    }
  }
}

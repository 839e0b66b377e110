import { setTimeout as pause } from "node:timers/promises";
import { ExpiringMap } from "./expiring-map.ts";
import { type ByHandStore, lifeMs, newName } from "./stash-by-hand.ts";

const STREAM = "by-hand";
const NS_PER_MS = 1_000_000;
const READY_WITHIN_MS = 10_000;
const RETRY_MS = 100;

/**
 * A stream of three replicas in memory, as LiveStash's, and a map in each node of what is published. A
 * plain subscription is enough to fill it: nodes start before the first user comes.
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
    async save(held, bytes) {
      const name = held ?? newName();
      await stream.publish(`${STREAM}.${name}`, bytes);
      return name;
    },
    load: (held) => stashes.get(held),
    figures: () => stashes.figures(),
    async close() {
      stashes.close();
      await connection.close();
    },
  };
}

/** Servers that have just started may not know each other yet, and refuse what needs three of them. */
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

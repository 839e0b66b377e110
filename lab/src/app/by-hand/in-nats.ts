import { type ByHandStore, lifeMs, newName } from "./stash-by-hand.ts";

const STREAM = "by-hand";
const MS_TO_NS = 1_000_000;

/**
 * A stream of three replicas in memory, as LiveStash's, and a map in each node of what is published. A
 * plain subscription is enough to fill it: nodes start before the first user comes.
 */
export async function inNats(ttlMs: number, servers: readonly string[]): Promise<ByHandStore> {
  const { connect } = await import("@nats-io/transport-node");
  const { jetstream, jetstreamManager, StorageType } = await import("@nats-io/jetstream");
  const connection = await connect({ servers: [...servers] });
  const manager = await jetstreamManager(connection);
  await manager.streams.add({
    name: STREAM,
    subjects: [`${STREAM}.*`],
    storage: StorageType.Memory,
    num_replicas: 3,
    max_msgs_per_subject: 1,
    max_age: lifeMs(ttlMs) * MS_TO_NS,
  });
  const stashes = new Map<string, { readonly bytes: Uint8Array; readonly untilMs: number }>();
  connection.subscribe(`${STREAM}.*`, {
    callback(error, { subject, data }) {
      if (error !== null) return;
      stashes.set(subject.slice(STREAM.length + 1), {
        bytes: data,
        untilMs: Date.now() + lifeMs(ttlMs),
      });
    },
  });
  const sweeping = setInterval(() => {
    for (const [name, { untilMs }] of stashes) if (untilMs < Date.now()) stashes.delete(name);
  }, ttlMs);
  const stream = jetstream(connection);
  return {
    async save(held, bytes) {
      const name = held ?? newName();
      await stream.publish(`${STREAM}.${name}`, bytes);
      return name;
    },
    load(held) {
      const kept = stashes.get(held);
      return kept === undefined || kept.untilMs < Date.now() ? undefined : kept.bytes;
    },
    async close() {
      clearInterval(sweeping);
      await connection.close();
    },
  };
}

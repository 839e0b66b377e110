import { DiscardPolicy, jetstream, jetstreamManager, StorageType } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";

/** A stream without the adapter: the control of the benchmark, published by JetStream's own client. */
export interface BareStream {
  publish(name: string, bytes: Uint8Array): Promise<unknown>;
  close(): Promise<void>;
}

export async function openBareStream(servers: string, replicas: number): Promise<BareStream> {
  const connection = await connect({ servers });
  const { streams } = await jetstreamManager(connection, { timeout: 10_000 });
  await streams.add({
    name: "bare",
    subjects: ["bare.s.*"],
    storage: StorageType.Memory,
    discard: DiscardPolicy.Old,
    num_replicas: replicas,
    max_msgs_per_subject: 6,
  });
  const client = jetstream(connection);
  return {
    publish: (name, bytes) => client.publish(`bare.s.${name}`, bytes),
    close: () => connection.close(),
  };
}

import { jetstreamManager, type StreamAPI, type StreamState } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { type NatsNode, startNats, type StartNatsOptions } from "@live-stash/test-servers";
import { createCloser } from "../../stash-contract/test/create-closer.ts";
import { createNatsAdapter, type NatsAdapter, type NatsAdapterOptions } from "../src/index.ts";

/** A server for one test, with adapters that use it. */
export interface NatsLab {
  readonly server: NatsNode;
  /** Opens another node. */
  node(options?: Partial<NatsAdapterOptions>): NatsAdapter;
  /** Returns the stream's state, read by a client of the test's own. */
  state(): Promise<StreamState>;
  streams(): Promise<StreamAPI>;
}

/** Returns the function that opens a lab, which is closed after the test. */
export function useNatsLab(): (start?: StartNatsOptions) => Promise<NatsLab> {
  const willClose = createCloser();
  return async (start = {}) => {
    const server = await startNats(start);
    willClose(server, () => server.close());
    let client: NatsConnection | undefined;
    const streams = async (): Promise<StreamAPI> => {
      client ??= await connect({ servers: server.url });
      willClose(client, () => client?.close());
      return (await jetstreamManager(client)).streams;
    };
    return {
      server,
      node(options = {}) {
        const adapter = createNatsAdapter({ servers: server.url, timeoutMs: 5_000, ...options });
        return willClose(adapter, () => adapter.close());
      },
      async state() {
        return (await (await streams()).info("ls")).state;
      },
      streams,
    };
  };
}

import { connect, type NatsConnection } from "@nats-io/transport-node";
import { type NatsNode, startNats, type StartNatsOptions } from "@live-stash/test-servers";
import { afterEach } from "vitest";
import { createNatsAdapter, type NatsAdapter, type NatsAdapterOptions } from "../src/index.ts";

/** Closes what a test has opened, the last first. */
export function createCloser(): <Opened>(opened: Opened, close: () => unknown) => Opened {
  const closers: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });
  return (opened, close) => {
    closers.push(close);
    return opened;
  };
}

/** A server for one test, and adapters on it. */
export interface NatsLab {
  readonly server: NatsNode;
  /** Opens another node. */
  node(options?: Partial<NatsAdapterOptions>): NatsAdapter;
  /** The subjects of what was published since, as a client sees it that listens to everything. */
  listen(): Promise<() => Promise<readonly string[]>>;
}

/** Gives the function that opens a lab; what it opens is closed after the test. */
export function useNatsLab(): (start?: StartNatsOptions) => Promise<NatsLab> {
  const willClose = createCloser();
  return async (start = {}) => {
    const server = await startNats(start);
    willClose(server, () => server.close());
    return {
      server,
      node(options = {}) {
        const adapter = createNatsAdapter({ servers: server.url, timeoutMs: 5_000, ...options });
        return willClose(adapter, () => adapter.close());
      },
      async listen() {
        const client: NatsConnection = await connect({ servers: server.url });
        willClose(client, () => client.close());
        const subjects: string[] = [];
        client.subscribe("ls.>", {
          callback(_, { subject }) {
            // Deliveries to mirrors are seen under the subject of what they deliver.
            subjects.push(subject);
          },
        });
        await client.flush();
        return async () => {
          await client.flush();
          return subjects;
        };
      },
    };
  };
}

import {
  type RedisServer,
  startRedis,
  startTcpProxy,
  type TcpProxy,
} from "@live-stash/test-servers";
import { createClient } from "redis";
import { createCloser } from "../../stash-contract/test/create-closer.ts";

/** A primary and its replica, with the network between them and the application's network. */
export interface ReplicatedRedis {
  readonly primary: RedisServer;
  readonly replica: RedisServer;
  /** The network between the replica and its primary. */
  readonly replication: TcpProxy;
  /** The network between the application and the primary; `retarget` leads it to the replica. */
  readonly network: TcpProxy;
  /** The URL at which the application connects. */
  readonly url: string;
  /** Kills the primary, promotes the replica, and leads the application's network to it. */
  failOver(): Promise<void>;
}

/** Returns a function that starts both in sync; they are closed after the test. */
export function useReplicatedRedis(): (config?: readonly string[]) => Promise<ReplicatedRedis> {
  const willClose = createCloser();
  return async (config = []) => {
    const primary = await startRedis({ config: ["repl-diskless-sync-delay 0", ...config] });
    willClose(primary, () => primary.close());
    const replication = await startTcpProxy({ targetPort: primary.port });
    willClose(replication, () => replication.close());
    const replica = await startRedis({ config: [`replicaof 127.0.0.1 ${replication.port}`] });
    willClose(replica, () => replica.close());
    await replica.untilLine(/REPLICA sync: Finished with success/);
    const network = await startTcpProxy({ targetPort: primary.port });
    willClose(network, () => network.close());
    return {
      primary,
      replica,
      replication,
      network,
      url: `redis://127.0.0.1:${network.port}`,
      async failOver() {
        await primary.stop("SIGKILL");
        replication.down();
        await askRedis(replica, "REPLICAOF", "NO", "ONE");
        network.retarget(replica.port);
        network.cut();
      },
    };
  };
}

/** Sends a command to a server over a new connection. */
export async function askRedis(server: RedisServer, ...command: string[]): Promise<unknown> {
  const client = createClient({ url: server.url });
  await client.connect();
  try {
    return await client.sendCommand(command);
  } finally {
    client.destroy();
  }
}

import {
  type RedisServer,
  startRedis,
  startTcpProxy,
  type TcpProxy,
} from "@live-stash/test-servers";
import { createClient } from "redis";
import { createCloser } from "../../stash-contract/test/create-closer.ts";

/** A primary and a replica of it, with the network between them and that of the application. */
export interface ReplicatedRedis {
  readonly primary: RedisServer;
  readonly replica: RedisServer;
  /** Between the replica and its primary. */
  readonly replication: TcpProxy;
  /** Between an application and the primary; `retarget` leads to the replica. */
  readonly network: TcpProxy;
  /** Where an application connects. */
  readonly url: string;
  /** Kills the primary, makes the replica the primary, and leads the application there. */
  failOver(): Promise<void>;
}

/** Gives the function that starts both, in sync; they are closed after the test. */
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

/** Asks a server over a connection of its own. */
export async function askRedis(server: RedisServer, ...command: string[]): Promise<unknown> {
  const client = createClient({ url: server.url });
  await client.connect();
  try {
    return await client.sendCommand(command);
  } finally {
    client.destroy();
  }
}

import { randomBytes } from "node:crypto";
import { freePort, startNginx, type NginxServer } from "@live-stash/test-servers";
import type { AdapterName } from "../adapters.ts";
import { keptViewSecret } from "../view-secret.ts";
import type { AddressRow } from "./address-table.ts";
import { startServices } from "./cluster-services.ts";
import { startShowcaseNode, type ShowcaseNode } from "./showcase-node.ts";

export interface ClusterOptions {
  readonly adapter: AdapterName;
  /** The address on which nginx listens. */
  readonly host: string;
  readonly port: number;
  /** The ports of the nodes on 127.0.0.1. Default: two free ports. */
  readonly nodePorts: readonly number[] | undefined;
  /** Called with each line of progress. */
  readonly say: (line: string) => void;
}

/** Nodes of the showcase behind nginx, with the services of their adapter. */
export interface Cluster {
  readonly url: string;
  readonly addresses: readonly AddressRow[];
  /** Resolves with a message when a part has ended unexpectedly. */
  readonly died: Promise<string>;
  /** Replaces one node's process after another, so that one is always up. */
  restartNodes(): Promise<void>;
  /** Ends everything and leaves nothing behind. */
  close(): Promise<void>;
}

/** Starts a cluster, and resolves when nginx accepts visitors. If a part fails to start, all are stopped. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { adapter, host, port, say } = options;
  const services = await startServices(adapter);
  const nodes: ShowcaseNode[] = [];
  let nginx: NginxServer | undefined;
  const close = async (): Promise<void> => {
    // nginx closes first, so that no visitor reconnects to a node that is about to end.
    await nginx?.close();
    await Promise.all(nodes.map((node) => node.close()));
    await services.close();
  };
  try {
    const env = {
      ...sharedEnv(),
      ...services.env,
      SHOWCASE_ADAPTER: adapter,
      // Named by the port, so that each of two clusters finds only its own nodes.
      SHOWCASE_PEERS: `showcase-${port}`,
    };
    const ports = options.nodePorts ?? [await freePort(), await freePort()];
    await allSettled(
      ports.map(async (nodePort, index) => {
        const name = String(index + 1);
        const onRestart = (what: string): void => say(`node ${name} is ${what}`);
        nodes[index] = await startShowcaseNode({ name, port: nodePort, env, onRestart });
      }),
    );
    nginx = await startNginx({ nodes: ports, host, port, nodeHeader: "x-node" });
    const { url, exited, output } = nginx;
    return {
      url,
      addresses: [
        { name: "nginx", address: url, note: "to both nodes in turn" },
        ...nodes.map(({ name, url }) => ({ name: `node ${name}`, address: url, note: "" })),
        ...services.addresses,
      ],
      died: Promise.race([
        services.died,
        ...nodes.map(({ died }) => died),
        exited.then(() => `nginx ended. It said:\n${output()}`),
      ]),
      async restartNodes() {
        for (const node of nodes) await node.restart();
      },
      close,
    };
  } catch (cause) {
    await close();
    throw cause;
  }
}

/** The secrets that all nodes share: otherwise no node accepts the pages of another. */
function sharedEnv(): Record<string, string> {
  const { LIVE_VIEW_SECRET, LIVE_STASH_SECRET } = process.env;
  return {
    LIVE_VIEW_SECRET: LIVE_VIEW_SECRET ?? keptViewSecret(),
    LIVE_STASH_SECRET: LIVE_STASH_SECRET ?? randomBytes(32).toString("base64url"),
  };
}

/** Waits for all even if one fails, because those that did start must be stopped. */
async function allSettled(starting: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(starting);
  await Promise.all(starting);
}

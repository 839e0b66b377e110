import {
  bundleProgram,
  freePort,
  spawnServer,
  startNginx,
  type BundledProgram,
  type NginxServer,
  type ServerExit,
  type SpawnedServer,
} from "@live-stash/test-servers";

import { adapters, counterPath, HANGS_AFTER_MS } from "./adapters.ts";
import { RawUser } from "./raw-user.ts";
import { startServices, type Services } from "./start-services.ts";

const source = new URL("../../examples/showcase/src/server.ts", import.meta.url);

/**
 * The time limit of an adapter's call and of a lookup on other nodes, in ms. Longer than the default,
 * because these tests are not about slow stores, and the machine may be busy with other tests.
 */
export const STORE_TIMEOUT_MS = Number(process.env["LIVE_STASH_STORE_TIMEOUT_MS"] ?? 5000);

/** A showcase process that can be killed, frozen, and replaced on its port. */
export class TestNode {
  readonly port: number;
  readonly #program: BundledProgram;
  readonly #env: Readonly<Record<string, string>>;
  #process: SpawnedServer | undefined;

  constructor(program: BundledProgram, port: number, env: Readonly<Record<string, string>>) {
    this.#program = program;
    this.port = port;
    this.#env = env;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The node's address, as nginx names it. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** The output of its process so far. */
  get output(): string {
    return this.#process?.output() ?? "";
  }

  async start(): Promise<void> {
    this.#process = await spawnServer({
      command: process.execPath,
      args: [this.#program.path],
      env: { ...this.#env, PORT: String(this.port), HOST: undefined },
      readyLine: /ready at/,
      readyTimeoutMs: HANGS_AFTER_MS,
    });
  }

  /** Shuts the process down, as a deployment does. */
  stop(): Promise<ServerExit | undefined> {
    return this.#end("SIGTERM");
  }

  /** Kills the process without warning, as the system does when memory runs out. */
  kill(): Promise<ServerExit | undefined> {
    return this.#end("SIGKILL");
  }

  /** Freezes the process: its connections stay open, and it does not answer. */
  freeze(): void {
    this.#process?.kill("SIGSTOP");
  }

  thaw(): void {
    this.#process?.kill("SIGCONT");
  }

  #end(signal: NodeJS.Signals): Promise<ServerExit | undefined> {
    this.#process?.kill(signal);
    return this.#process?.exited ?? Promise.resolve(undefined);
  }
}

/** Two showcase processes behind nginx, with all services. */
export interface TestCluster {
  /** The URL of nginx. */
  readonly url: string;
  readonly nodes: readonly [TestNode, TestNode];
  /** Returns the node that nginx named in a response. */
  nodeAt(address: string): TestNode;
  close(): Promise<void>;
}

/** Uses an adapter once: on its first use it connects, and may have to create its stream. */
async function useOnce(node: TestNode, adapter: string): Promise<void> {
  const user = await RawUser.load(node.url, counterPath(adapter));
  const view = await user.connect(node.url);
  while (view.stashed !== "saved") await view.add();
  await view.lose();
}

/** The settings of a cluster that differ from the defaults. */
export interface TestClusterOptions {
  /** The services, which are closed with the cluster. Default: all. */
  readonly services?: Services;
  /** The adapters to use once before a test begins. Default: all. */
  readonly used?: readonly string[];
  /** The time limit of an adapter's call, in ms. Default: `STORE_TIMEOUT_MS`. */
  readonly storeTimeoutMs?: number;
}

/** Starts a cluster. Every node serves every adapter at `/test/counter/<adapter>`. */
export async function startTestCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  const { used = adapters.map(({ name }) => name), storeTimeoutMs = STORE_TIMEOUT_MS } = options;
  const program = await bundleProgram(source);
  const services = options.services ?? (await startServices());
  const [first, second] = [await freePort(), await freePort()];
  const env = {
    LIVE_VIEW_SECRET: "a-secret-for-pages-in-these-tests-only",
    LIVE_STASH_SECRET: "a-secret-for-stashes-in-these-tests-only",
    SHOWCASE_STORE_TIMEOUT_MS: String(storeTimeoutMs),
    SHOWCASE_PEERS: `cluster-tests-${first}`,
    ...services.env,
  };
  const nodes = [
    new TestNode(program, first, { ...env, SHOWCASE_NODE: "1" }),
    new TestNode(program, second, { ...env, SHOWCASE_NODE: "2" }),
  ] as const;
  let nginx: NginxServer | undefined;
  const close = async (): Promise<void> => {
    await nginx?.close();
    for (const node of nodes) await node.kill();
    await services.close();
    await program.close();
  };
  try {
    await Promise.all(nodes.map((node) => node.start()));
    nginx = await startNginx({ nodes: [first, second], nodeHeader: "x-node" });
    await Promise.all(nodes.flatMap((node) => used.map((name) => useOnce(node, name))));
  } catch (cause) {
    await close();
    throw cause;
  }
  return {
    url: nginx.url,
    nodes,
    nodeAt(address) {
      const node = nodes.find((each) => each.address === address);
      if (node === undefined) throw new Error(`no node is at "${address}"`);
      return node;
    },
    close,
  };
}

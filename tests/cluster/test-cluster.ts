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
 * How long an adapter may take for one call, and search other nodes. More than by default: nothing here
 * is about a slow store, and the machine may be busy with other tests.
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

  /** As nginx names it. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** What its process printed so far. */
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

  /** Ends it in good order, as a deploy does. */
  stop(): Promise<ServerExit | undefined> {
    return this.#end("SIGTERM");
  }

  /** As the system does when memory runs out: nobody is told. */
  kill(): Promise<ServerExit | undefined> {
    return this.#end("SIGKILL");
  }

  /** Connections stay open, and nobody answers. */
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

/** Two showcase processes behind nginx, with every service that there is. */
export interface TestCluster {
  /** Of nginx. */
  readonly url: string;
  readonly nodes: readonly [TestNode, TestNode];
  /** The node that nginx named in a response. */
  nodeAt(address: string): TestNode;
  close(): Promise<void>;
}

/** What is used for the first time connects, and may have to make itself a place to keep things. */
async function useOnce(node: TestNode, adapter: string): Promise<void> {
  const user = await RawUser.load(node.url, counterPath(adapter));
  const view = await user.connect(node.url);
  while (view.stashed !== "saved") await view.add();
  await view.lose();
}

/** What a cluster is started with, where it is not as usual. */
export interface TestClusterOptions {
  /** Closed with the cluster. Default: all that there are. */
  readonly services?: Services;
  /** The adapters to use once before a test begins. Default: all. */
  readonly used?: readonly string[];
  /** How long an adapter may take for one call. Default: `STORE_TIMEOUT_MS`. */
  readonly storeTimeoutMs?: number;
}

/** Starts all of it. Every adapter is at `/test/counter/<adapter>` of every node. */
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

import { fileURLToPath } from "node:url";
import { spawnServer, type ServerExit, type SpawnedServer } from "@live-stash/test-servers";
import { RESTART_EXIT_CODE } from "../restart-exit-code.ts";

const serverPath = fileURLToPath(new URL("../server.ts", import.meta.url));

/** The time limit for a node to close its sockets and hand over its stashes. */
const LEAVE_TIMEOUT_MS = 20_000;

export interface ShowcaseNodeOptions {
  /** The node's name in its pages and in the table of addresses. */
  readonly name: string;
  readonly port: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Called when a page has requested a restart of this node, and when the node is ready again. */
  readonly onRestart: (what: "restarting" | "ready") => void;
}

/** A node of the cluster: a process that can be replaced by a new one on the same port. */
export interface ShowcaseNode {
  readonly name: string;
  readonly url: string;
  /** Shuts the process down and starts the next. Resolves when the next one is ready. */
  restart(): Promise<void>;
  /** Resolves with a message when the process has ended unexpectedly. */
  readonly died: Promise<string>;
  close(): Promise<void>;
}

/** Starts a showcase process, and resolves when it is ready. */
export async function startShowcaseNode(options: ShowcaseNodeOptions): Promise<ShowcaseNode> {
  const { name, port, env, onRestart } = options;
  let reportEnd: (message: string) => void = () => undefined;
  const died = new Promise<string>((resolve) => (reportEnd = resolve));
  let isClosing = false;
  /** Set from the request of a restart until the next process is ready. */
  let restarting: Promise<void> | undefined;

  const start = async (): Promise<SpawnedServer> => {
    const started = await spawnServer({
      command: process.execPath,
      args: [...process.execArgv, serverPath],
      env: { ...env, PORT: String(port), HOST: "127.0.0.1", SHOWCASE_NODE: name },
      readyLine: /ready at http:/,
    });
    void started.exited.then((exit) => {
      if (isClosing || restarting !== undefined) return;
      if (exit.code === RESTART_EXIT_CODE) void restart();
      else reportEnd(describeEnd(name, exit, started.output()));
    });
    return started;
  };

  const replace = async (): Promise<void> => {
    onRestart("restarting");
    await leave(server);
    server = await start();
    onRestart("ready");
  };
  const restart = (): Promise<void> => {
    restarting ??= replace()
      .catch((cause: unknown) => {
        reportEnd(`node ${name} did not start again: ${String(cause)}`);
      })
      .finally(() => (restarting = undefined));
    return restarting;
  };

  let server = await start();
  return {
    name,
    url: `http://127.0.0.1:${port}`,
    restart,
    died,
    async close() {
      isClosing = true;
      await leave(server);
    },
  };
}

async function leave(server: SpawnedServer): Promise<void> {
  server.kill();
  const timer = setTimeout(() => server.kill("SIGKILL"), LEAVE_TIMEOUT_MS);
  await server.exited;
  clearTimeout(timer);
}

const SHOWN_LINES = 20;

function describeEnd(name: string, { code, signal }: ServerExit, output: string): string {
  const how = signal === null ? `with code ${code}` : `by ${signal}`;
  const lines = output.split("\n").slice(-SHOWN_LINES);
  return `node ${name} ended ${how}. Its last lines:\n  ${lines.join("\n  ")}`;
}

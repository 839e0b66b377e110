import { fileURLToPath } from "node:url";
import { spawnServer, type ServerExit, type SpawnedServer } from "@live-stash/test-servers";
import { RESTART_EXIT_CODE } from "../restart-exit-code.ts";

const serverPath = fileURLToPath(new URL("../server.ts", import.meta.url));

/** The time limit for a node to close its sockets and hand over its stashes. */
const LEAVE_TIMEOUT_MS = 20_000;

export interface ShowcaseNodeOptions {
  /** Shown in its pages, and in the table of addresses. */
  readonly name: string;
  readonly port: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Told when a page asked for a restart of this node, and once it is back. */
  readonly onRestart: (what: "restarting" | "ready") => void;
}

/** A node of the cluster: a process that can be replaced by a new one on the same port. */
export interface ShowcaseNode {
  readonly name: string;
  readonly url: string;
  /** Ends the process in good order and starts the next. Resolves when that one is ready. */
  restart(): Promise<void>;
  /** Resolves when the process has ended without being asked to, with what is to be said. */
  readonly died: Promise<string>;
  close(): Promise<void>;
}

/** Starts a showcase process, resolves when it is ready. */
export async function startShowcaseNode(options: ShowcaseNodeOptions): Promise<ShowcaseNode> {
  const { name, port, env, onRestart } = options;
  let tellOfDeath: (what: string) => void = () => undefined;
  const died = new Promise<string>((resolve) => (tellOfDeath = resolve));
  let isClosing = false;
  /** Set from the moment a restart is asked for until the next process is ready. */
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
      else tellOfDeath(deathOf(name, exit, started.output()));
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
        tellOfDeath(`node ${name} did not start again: ${String(cause)}`);
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

function deathOf(name: string, { code, signal }: ServerExit, output: string): string {
  const how = signal === null ? `with code ${code}` : `by ${signal}`;
  const lines = output.split("\n").slice(-SHOWN_LINES);
  return `node ${name} ended ${how}. Its last lines:\n  ${lines.join("\n  ")}`;
}

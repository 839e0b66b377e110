import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SpawnedServer } from "./spawn-server.ts";
import { spawnServer } from "./spawn-server.ts";

/** A redis-server process that can be stopped and started again: same port, same folder. */
export interface RedisNode {
  /** The folder of the node's data and configuration. */
  readonly folder: string;
  /** The current process. */
  readonly process: SpawnedServer;
  start(): Promise<void>;
  /** Ends the process, even a paused one, and resolves when the process has ended. */
  stop(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** Freezes the process (`SIGSTOP`): its connections stay open, and it does not answer. */
  pause(): void;
  resume(): void;
  /** Ends the process and removes its folder. */
  close(): Promise<void>;
}

/** The settings of a node. */
export interface RedisNodeOptions {
  /** Returns the lines of redis.conf. */
  readonly config: (folder: string) => readonly string[];
  /** Additional arguments of redis-server. */
  readonly args?: readonly string[];
  readonly readyLine: RegExp;
}

/** Starts redis-server in a folder of its own. */
export async function startRedisNode(options: RedisNodeOptions): Promise<RedisNode> {
  const folder = mkdtempSync(join(tmpdir(), "live-stash-redis-"));
  const configPath = join(folder, "redis.conf");
  writeFileSync(configPath, `${options.config(folder).join("\n")}\n`);
  const spawnIt = (): Promise<SpawnedServer> =>
    spawnServer({
      command: "redis-server",
      args: [configPath, ...(options.args ?? [])],
      cwd: folder,
      readyLine: options.readyLine,
    });
  let server: SpawnedServer;
  try {
    server = await spawnIt();
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  const node: RedisNode = {
    folder,
    get process() {
      return server;
    },
    async start() {
      server = await spawnIt();
    },
    async stop(signal = "SIGTERM") {
      server.kill(signal);
      // A frozen process handles other signals only after SIGCONT.
      server.kill("SIGCONT");
      await server.exited;
    },
    pause: () => server.kill("SIGSTOP"),
    resume: () => server.kill("SIGCONT"),
    async close() {
      await node.stop("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return node;
}

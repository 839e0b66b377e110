import { spawnServer } from "@live-stash/test-servers";
import { nodeEnvironment, type NodeSettings } from "../app/node-settings.ts";
import type { ApplicationCode } from "./application-code.ts";

/** A running node of the application. */
export interface ApplicationNode {
  readonly name: string;
  readonly pid: number;
  /** The port of pages and sockets. */
  readonly port: number;
  /** The port of samples and metrics. */
  readonly controlPort: number;
  /** Returns the output so far. */
  output(): string;
  /** Settles when the node has ended for any reason. */
  readonly exited: Promise<unknown>;
  stop(): Promise<void>;
}

/** The secrets that both nodes share, so that each accepts the other's tokens. */
export interface NodeSecrets {
  readonly viewSecret: string;
  readonly stashSecret: string;
}

/** Starts one node in production mode. */
export async function startNode(
  code: ApplicationCode,
  settings: NodeSettings,
  secrets: NodeSecrets,
  profileFolder: string | undefined,
): Promise<ApplicationNode> {
  const profileArgs =
    profileFolder === undefined
      ? []
      : [
          "--cpu-prof",
          `--cpu-prof-dir=${profileFolder}`,
          `--cpu-prof-name=${settings.adapter}-${settings.name}.cpuprofile`,
        ];
  const server = await spawnServer({
    command: process.execPath,
    args: ["--expose-gc", ...profileArgs, ...code.args],
    env: {
      NODE_ENV: "production",
      NODE_OPTIONS: undefined,
      LIVE_VIEW_SECRET: secrets.viewSecret,
      LIVE_STASH_SECRET: secrets.stashSecret,
      ...nodeEnvironment(settings),
    },
    readyLine: /ready on port (\d+), control port (\d+)/,
  });
  return {
    name: settings.name,
    pid: server.pid,
    port: Number(server.ready[1]),
    controlPort: Number(server.ready[2]),
    output: () => server.output(),
    exited: server.exited,
    async stop() {
      // Nothing that a node stores is needed after a run. Only a profile needs an orderly end.
      server.kill(profileFolder === undefined ? "SIGKILL" : "SIGTERM");
      await server.exited;
    },
  };
}

import { spawnServer } from "@live-stash/test-servers";
import { nodeEnvironment, type NodeSettings } from "../app/node-settings.ts";
import type { ApplicationCode } from "./application-code.ts";

/** A running node of the application. */
export interface ApplicationNode {
  readonly name: string;
  readonly pid: number;
  /** Pages and sockets. */
  readonly port: number;
  /** Samples and metrics. */
  readonly controlPort: number;
  /** What it printed so far. */
  output(): string;
  /** Settles when it has ended, wanted or not. */
  readonly exited: Promise<unknown>;
  stop(): Promise<void>;
}

/** What both nodes must share to read each other's tokens. */
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
      // Users are gone, and what they left behind is not needed; a profile is written at the end.
      server.kill(profileFolder === undefined ? "SIGKILL" : "SIGTERM");
      await server.exited;
    },
  };
}

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { nginxConfig } from "./nginx-config.ts";
import { spawnServer } from "./spawn-server.ts";
import type { SpawnedServer } from "./spawn-server.ts";

/** The options for starting nginx. */
export interface StartNginxOptions {
  /** The ports on 127.0.0.1 of the nodes, between which nginx alternates. */
  readonly nodes: readonly number[];
  /** Default: a free one. */
  readonly port?: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** The most clients that may be connected at once. Default 4,096. */
  readonly maxConnections?: number;
  /**
   * A response header that names the address of the node that answered, such as `x-node`; on the
   * 101 of a WebSocket too. If a node was passed over it names both: `127.0.0.1:1, 127.0.0.1:2`.
   * Default: none.
   */
  readonly nodeHeader?: string;
  /** Additional lines of the `http` block of nginx.conf, such as a `server` with `stub_status`. */
  readonly lines?: readonly string[];
}

/** A real nginx in front of nodes, with its files in a temporary folder. */
export interface NginxServer extends Pick<SpawnedServer, "exited" | "output" | "pid"> {
  readonly port: number;
  readonly url: string;
  /** Ends nginx and all its connections, and removes its folder. */
  close(): Promise<void>;
}

/**
 * Starts nginx, and resolves when it listens.
 *
 * nginx alternates between the nodes for requests and WebSockets. A node that refuses connections or
 * answers 503 is skipped for that request.
 *
 * @throws Error with nginx's output if it does not start, for instance because the port is in use.
 */
export async function startNginx(options: StartNginxOptions): Promise<NginxServer> {
  const { nodes, host = "127.0.0.1", maxConnections = 4096, nodeHeader, lines = [] } = options;
  const port = options.port ?? (await freePort());
  const folder = mkdtempSync(join(tmpdir(), "live-stash-nginx-"));
  // As root, the worker runs as another user, who must be able to enter its own folders.
  chmodSync(folder, 0o711);
  writeFileSync(
    join(folder, "nginx.conf"),
    nginxConfig({ nodes, host, port, maxConnections, nodeHeader, lines }),
  );
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
  let server: SpawnedServer;
  try {
    server = await spawnServer({
      command: "nginx",
      // `-e` is for errors before nginx has read the file, which sets error_log as well.
      args: ["-p", folder, "-c", "nginx.conf", "-e", "stderr"],
      readyLine: /start worker process \d+/,
    });
  } catch (error) {
    removeFolder();
    throw error;
  }
  return {
    pid: server.pid,
    port,
    url: `http://${host}:${port}`,
    exited: server.exited,
    output: () => server.output(),
    async close() {
      server.kill();
      await server.exited;
      removeFolder();
    },
  };
}

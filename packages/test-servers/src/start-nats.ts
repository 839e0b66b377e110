import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type NatsServer,
  startNatsServer,
  type StartNatsServerOptions,
} from "@live-stash/nats/server";
import { freePort } from "./free-port.ts";
import { untilFrozen } from "./until-frozen.ts";
import { createTlsCertificate, type TlsCertificate } from "./tls-certificate.ts";

/** The options for starting a nats-server. */
export interface StartNatsOptions extends StartNatsServerOptions {
  /** Listens with TLS only, with a certificate of its own for 127.0.0.1 and ::1. Default `false`. */
  readonly tls?: boolean;
}

/** A nats-server with JetStream that can be stopped and started again: same ports, same folder. */
export interface NatsNode {
  readonly port: number;
  readonly url: string;
  /** The certificate to trust, as PEM. Only with `tls`. */
  readonly ca: string | undefined;
  readonly pid: number;
  start(): Promise<void>;
  /** Ends the process, also a paused one, and resolves when it is gone. */
  stop(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** Freezes it (`SIGSTOP`), and returns when it is: connections stay open and nobody answers. */
  pause(): void;
  resume(): void;
  /** Resolves when it has printed a line that matches, since it was last started. */
  untilLine(pattern: RegExp): Promise<void>;
  /** Ends it for good and removes its folder. */
  close(): Promise<void>;
}

/** Starts nats-server, by default on 127.0.0.1, on a free port if none is given. */
export async function startNats({
  tls = false,
  ...options
}: StartNatsOptions = {}): Promise<NatsNode> {
  const folder = mkdtempSync(join(tmpdir(), "live-stash-nats-store-"));
  const port = options.port ?? (await freePort(options.host));
  const certificate = tls ? createTlsCertificate(folder) : undefined;
  const config = [...(options.config ?? []), ...tlsConfig(certificate)];
  const startIt = (): Promise<NatsServer> =>
    startNatsServer({ storeDir: folder, readyTimeoutMs: 60_000, ...options, config, port });
  let server: NatsServer;
  try {
    server = await startIt();
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  let hasExited = false;
  const watch = ({ exited }: NatsServer): void => {
    hasExited = false;
    void exited.then(() => {
      hasExited = true;
    });
  };
  watch(server);
  const signal = (name: NodeJS.Signals): void => {
    if (!hasExited) process.kill(server.pid, name);
  };
  const node: NatsNode = {
    port,
    url: tls ? server.url.replace("nats:", "tls:") : server.url,
    ca: certificate?.pem,
    get pid() {
      return server.pid;
    },
    async start() {
      server = await startIt();
      watch(server);
    },
    async stop(name = "SIGTERM") {
      signal(name);
      // A stopped process takes other signals only once it goes on.
      signal("SIGCONT");
      await server.exited;
    },
    pause() {
      signal("SIGSTOP");
      untilFrozen(server.pid);
    },
    resume: () => signal("SIGCONT"),
    untilLine: (pattern) => server.untilLine(pattern),
    async close() {
      await node.stop("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return node;
}

function tlsConfig(certificate: TlsCertificate | undefined): string[] {
  if (certificate === undefined) return [];
  const { certificatePath, keyPath } = certificate;
  return [`tls { cert_file: "${certificatePath}", key_file: "${keyPath}" }`];
}

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
  /** Whether to listen with TLS only, with a new certificate for 127.0.0.1 and ::1. Default `false`. */
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
  /** Ends the process, even a paused one, and resolves when the process has ended. */
  stop(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** Freezes the process (`SIGSTOP`), and returns when it is frozen. Its connections stay open. */
  pause(): void;
  resume(): void;
  /** Resolves when the server has printed a matching line since its last start. */
  untilLine(pattern: RegExp): Promise<void>;
  /** Ends the process and removes its folder. */
  close(): Promise<void>;
}

/** Starts nats-server on 127.0.0.1, unless `host` is given, and on a free port, unless `port` is given. */
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
      // A frozen process handles other signals only after SIGCONT.
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

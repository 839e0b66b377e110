import { freePort } from "./free-port.ts";
import type { RedisNode } from "./redis-node.ts";
import { startRedisNode } from "./redis-node.ts";
import type { ServerExit } from "./spawn-server.ts";
import type { TlsCertificate } from "./tls-certificate.ts";
import { createTlsCertificate } from "./tls-certificate.ts";

/** How to start a Redis. */
export interface StartRedisOptions {
  /** Further lines of redis.conf, such as `user app on >password ~app:* +get`. */
  readonly config?: readonly string[];
  /** Listens with TLS only, with a certificate of its own for 127.0.0.1. Default `false`. */
  readonly tls?: boolean;
}

/** A real redis-server on 127.0.0.1 that writes nothing to disk. */
export interface RedisServer extends Omit<RedisNode, "process" | "folder"> {
  readonly port: number;
  /** Without user and password. */
  readonly url: string;
  /** The certificate to trust, as PEM. Only with `tls`. */
  readonly ca: string | undefined;
  /** Resolves when the process that runs now has ended. */
  readonly exited: Promise<ServerExit>;
  /** Resolves when it has printed a line that matches. */
  untilLine(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Starts redis-server on a free port. */
export async function startRedis(options: StartRedisOptions = {}): Promise<RedisServer> {
  const port = await freePort();
  let certificate: TlsCertificate | undefined;
  const node = await startRedisNode({
    config: (folder) => {
      if (options.tls === true) certificate = createTlsCertificate(folder);
      return [...baseConfig(port, certificate), ...(options.config ?? [])];
    },
    readyLine: /Ready to accept connections/,
  });
  return {
    port,
    url: `${options.tls === true ? "rediss" : "redis"}://127.0.0.1:${port}`,
    ca: certificate?.pem,
    get exited() {
      return node.process.exited;
    },
    untilLine: (pattern) => node.process.untilLine(pattern),
    start: () => node.start(),
    stop: (signal) => node.stop(signal),
    pause: () => node.pause(),
    resume: () => node.resume(),
    close: () => node.close(),
  };
}

function baseConfig(port: number, certificate: TlsCertificate | undefined): string[] {
  return [
    "bind 127.0.0.1",
    'save ""',
    "appendonly no",
    ...(certificate === undefined
      ? [`port ${port}`]
      : [
          "port 0",
          `tls-port ${port}`,
          `tls-cert-file ${certificate.certificatePath}`,
          `tls-key-file ${certificate.keyPath}`,
          "tls-auth-clients no",
        ]),
  ];
}

import { isIPv6 } from "node:net";
import { freePort } from "./free-port.ts";
import type { RedisNode } from "./redis-node.ts";
import { startRedisNode } from "./redis-node.ts";
import type { ServerExit } from "./spawn-server.ts";
import type { TlsCertificate } from "./tls-certificate.ts";
import { createTlsCertificate } from "./tls-certificate.ts";

/** The options for starting a Redis. */
export interface StartRedisOptions {
  /** Additional lines of redis.conf, such as `user app on >password ~app:* +get`. */
  readonly config?: readonly string[];
  /** Whether to listen with TLS only, with a new certificate for 127.0.0.1 and ::1. Default `false`. */
  readonly tls?: boolean;
  /** The address to listen on: "127.0.0.1" or "::1". Default "127.0.0.1". */
  readonly host?: string;
}

/** A real redis-server on this machine that writes nothing to disk. */
export interface RedisServer extends Omit<RedisNode, "process" | "folder"> {
  readonly port: number;
  /** The URL, without user and password. */
  readonly url: string;
  /** The certificate to trust, as PEM. Only with `tls`. */
  readonly ca: string | undefined;
  /** Resolves when the current process has ended. */
  readonly exited: Promise<ServerExit>;
  /** Resolves when the server has printed a matching line. */
  untilLine(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Starts redis-server on a free port. */
export async function startRedis(options: StartRedisOptions = {}): Promise<RedisServer> {
  const { host = "127.0.0.1" } = options;
  const port = await freePort(host);
  let certificate: TlsCertificate | undefined;
  const node = await startRedisNode({
    config: (folder) => {
      if (options.tls === true) certificate = createTlsCertificate(folder);
      return [...baseConfig(host, port, certificate), ...(options.config ?? [])];
    },
    readyLine: /Ready to accept connections/,
  });
  return {
    port,
    url: `${options.tls === true ? "rediss" : "redis"}://${inUrl(host)}:${port}`,
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

/** Formats a host for a URL. */
export function inUrl(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}

function baseConfig(host: string, port: number, certificate: TlsCertificate | undefined): string[] {
  return [
    `bind ${host}`,
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

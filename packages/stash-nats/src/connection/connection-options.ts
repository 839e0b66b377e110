import {
  type NatsConnection,
  nkeyAuthenticator,
  type NodeConnectionOptions,
} from "@nats-io/transport-node";
import type { LinkSource } from "./nats-connection.ts";
import { wrongOption } from "../nats-errors.ts";

/** Which NATS servers. Either `servers` or `connection` is needed. */
export interface NatsSourceOptions {
  /** One server of a cluster, or several: `nats://host:port`, `tls://host:port`, `host:port`. */
  readonly servers?: string | readonly string[];
  /** What the servers were started with as `authorization { token }`. */
  readonly token?: string;
  readonly user?: string;
  readonly pass?: string;
  /** The seed of an nkey, as `nk -gen user` prints it. */
  readonly nkeySeed?: string;
  /** TLS with these settings, such as `ca`; `tls://` in `servers` asks for it without any. */
  readonly tls?: NodeTlsOptions;
  /**
   * Further options of `connect()` of the package `@nats-io/transport-node`, such as
   * `authenticator` (credentials).
   */
  readonly connect?: Omit<NodeConnectionOptions, "servers" | "token" | "user" | "pass" | "tls">;
  /** A connection that the application makes and closes. */
  readonly connection?: NatsConnection;
}

const LOGIN = ["token", "user", "pass", "nkeySeed"] as const;
const EXAMPLE = 'For instance servers: "nats://127.0.0.1:4222".';

type NodeTlsOptions = NonNullable<NodeConnectionOptions["tls"]>;

/** The names of these options. */
export const SOURCE_OPTIONS: readonly string[] = [
  "servers",
  ...LOGIN,
  "tls",
  "connect",
  "connection",
];

/**
 * @param of the function that takes the options, for messages
 * @param prefix what all subjects begin with
 */
export function parseSource(of: string, options: NatsSourceOptions, prefix: string): LinkSource {
  const wrong = (option: string, expected: string, found: string, advice?: string): Error =>
    wrongOption(of, option, expected, found, advice);
  const { servers, connection, connect = {} } = options;
  if ((servers === undefined) === (connection === undefined)) {
    const found = servers === undefined ? "none" : "both";
    throw wrong("options", "either servers or connection, to say which NATS", found, EXAMPLE);
  }
  if (connection !== undefined) {
    const isConnection = isObject(connection) && typeof connection.publish === "function";
    if (!isConnection) throw wrong("connection", "a connection of NATS", "something else", EXAMPLE);
    const extra = [...LOGIN, "tls" as const, "connect" as const].find(
      (name) => options[name] !== undefined,
    );
    if (extra === undefined) return { kind: "given", connection };
    throw wrong(extra, "none beside `connection`", "one", "Make the connection with it.");
  }
  const list: readonly unknown[] = Array.isArray(servers) ? servers : [servers];
  const isList = list.length > 0 && list.every((server) => isServer(server));
  if (!isList)
    throw wrong("servers", "one or several of nats://host:port", "something else", EXAMPLE);
  if (!isObject(connect)) throw wrong("connect", "options of connect() of NATS", typeof connect);
  for (const name of LOGIN) {
    const value: unknown = options[name];
    if (value === undefined || (typeof value === "string" && value !== "")) continue;
    throw wrong(name, "text", typeof value === "string" ? "none" : typeof value);
  }
  const { token, user, pass, nkeySeed, tls } = options;
  return {
    kind: "own",
    options: {
      name: "live-stash",
      // So that all subjects begin alike, also in permissions.
      inboxPrefix: `${prefix}.i`,
      ...connect,
      servers: list as string[],
      ...(token === undefined ? {} : { token }),
      ...(user === undefined ? {} : { user }),
      ...(pass === undefined ? {} : { pass }),
      ...(tls === undefined ? {} : { tls }),
      ...(nkeySeed === undefined
        ? {}
        : { authenticator: nkeyAuthenticator(Buffer.from(nkeySeed)) }),
    },
  };
}

/** A URL with a password would show up in errors of the client. */
function isServer(server: unknown): boolean {
  return typeof server === "string" && /^((nats|tls):\/\/)?[^\s@/]+$/.test(server);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

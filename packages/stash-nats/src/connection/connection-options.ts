import {
  type NatsConnection,
  nkeyAuthenticator,
  type NodeConnectionOptions,
} from "@nats-io/transport-node";
import { describeValue, invalidOption } from "../nats-errors.ts";
import type { ConnectionSource } from "./managed-connection.ts";

/** The NATS servers to use. Either `servers` or `connection` is required. */
export interface NatsConnectionOptions {
  /** One server of a cluster, or several: `nats://host:port`, `tls://host:port`, `host:port`. */
  readonly servers?: string | readonly string[];
  /** The token of the servers' configuration, `authorization { token }`. */
  readonly token?: string;
  readonly user?: string;
  readonly pass?: string;
  /** The seed of an nkey, as `nk -gen user` prints it. */
  readonly nkeySeed?: string;
  /** TLS with these settings, such as `ca`. A server `tls://…` needs none. */
  readonly tls?: NodeTlsOptions;
  /**
   * Further options of `connect()` of the package `@nats-io/transport-node`, such as
   * `authenticator` (credentials).
   */
  readonly connect?: Omit<NodeConnectionOptions, "servers" | "token" | "user" | "pass" | "tls">;
  /** A connection that the application opens and closes. */
  readonly connection?: NatsConnection;
}

const LOGIN = ["token", "user", "pass", "nkeySeed"] as const;
const EXAMPLE = 'For instance servers: "nats://127.0.0.1:4222".';

type NodeTlsOptions = NonNullable<NodeConnectionOptions["tls"]>;

export const CONNECTION_OPTIONS: readonly string[] = [
  "servers",
  ...LOGIN,
  "tls",
  "connect",
  "connection",
];

/**
 * Checks these options. Throws `invalid_option`.
 *
 * @param caller the function that takes the options, for messages
 * @param prefix the token that all subjects begin with
 */
export function parseConnectionOptions(
  caller: string,
  options: NatsConnectionOptions,
  prefix: string,
): ConnectionSource {
  const invalid = (option: string, expected: string, found: string, advice?: string): Error =>
    invalidOption(caller, option, expected, found, advice);
  const { servers, connection, connect = {} } = options;
  if ((servers === undefined) === (connection === undefined)) {
    const found = servers === undefined ? "neither" : "both";
    throw invalid("options", "either servers or connection", found, EXAMPLE);
  }
  if (connection !== undefined) {
    const isConnection = isObject(connection) && typeof connection.publish === "function";
    if (!isConnection) throw invalid("connection", "a NATS connection", "another value", EXAMPLE);
    const extra = [...LOGIN, "tls" as const, "connect" as const].find(
      (name) => options[name] !== undefined,
    );
    if (extra === undefined) return { kind: "given", connection };
    throw invalid(
      extra,
      "none beside `connection`",
      "one",
      "Open the connection with this option.",
    );
  }
  const list: readonly unknown[] = Array.isArray(servers) ? servers : [servers];
  const isList = list.length > 0 && list.every((server) => isServer(server));
  if (!isList) {
    throw invalid("servers", "one or several of nats://host:port", "another value", EXAMPLE);
  }
  if (!isObject(connect))
    throw invalid("connect", "options of connect() of NATS", describeValue(connect));
  for (const name of LOGIN) {
    const value: unknown = options[name];
    if (value === undefined || (typeof value === "string" && value !== "")) continue;
    throw invalid(name, "text", describeValue(value));
  }
  const { token, user, pass, nkeySeed, tls } = options;
  return {
    kind: "own",
    options: {
      name: "live-stash",
      // Permissions can then name all subjects by one prefix.
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

/** Accepts no login in a URL, because errors of the client would print the password. */
function isServer(server: unknown): boolean {
  return typeof server === "string" && /^((nats|tls):\/\/)?[^\s@/]+$/.test(server);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

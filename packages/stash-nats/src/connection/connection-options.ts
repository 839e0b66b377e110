import {
  type NatsConnection,
  nkeyAuthenticator,
  type NodeConnectionOptions,
} from "@nats-io/transport-node";
import { invalidOption, type OptionRow, type OptionTable } from "live-stash/adapter";
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

type NodeTlsOptions = NonNullable<NodeConnectionOptions["tls"]>;

const EXAMPLE = 'For instance servers: "nats://127.0.0.1:4222".';
const LOGIN_TEXT = {
  kind: "value",
  accepts: (value) => typeof value === "string" && value !== "",
  expected: "a string that is not empty",
} as const satisfies OptionRow;

/** The rows of these options, for the tables of the functions that take them. */
export const CONNECTION_TABLE = {
  servers: {
    kind: "value",
    accepts: isServers,
    expected: "one or several of nats://host:port",
    advice: EXAMPLE,
  },
  token: LOGIN_TEXT,
  user: LOGIN_TEXT,
  pass: LOGIN_TEXT,
  nkeySeed: LOGIN_TEXT,
  tls: { kind: "unchecked" },
  connect: { kind: "value", accepts: isObject, expected: "options of connect() of NATS" },
  connection: {
    kind: "value",
    accepts: (value) =>
      isObject(value) && "publish" in value && typeof value.publish === "function",
    expected: "a NATS connection",
    advice: EXAMPLE,
  },
} as const satisfies OptionTable<NatsConnectionOptions>;

/** The options that only an own connection has. */
const OWN_OPTIONS = ["token", "user", "pass", "nkeySeed", "tls", "connect"] as const;

/**
 * Returns the source of the connection. Throws `invalid_option` for options that exclude each other.
 *
 * @param caller the function that takes the options, for messages
 * @param options options whose values are valid by `CONNECTION_TABLE`
 * @param prefix the token that all subjects begin with
 */
export function connectionSource(
  caller: string,
  options: NatsConnectionOptions,
  prefix: string,
): ConnectionSource {
  const { servers, connection, connect, token, user, pass, nkeySeed, tls } = options;
  if ((servers === undefined) === (connection === undefined)) {
    throw invalidOption({
      caller,
      option: "options",
      expected: "either servers or connection",
      found: servers === undefined ? "neither" : "both",
      advice: EXAMPLE,
    });
  }
  if (connection !== undefined) {
    const extra = OWN_OPTIONS.find((name) => options[name] !== undefined);
    if (extra === undefined) return { kind: "given", connection };
    throw invalidOption({
      caller,
      option: extra,
      expected: "none beside `connection`",
      found: "one",
      advice: "Open the connection with this option.",
    });
  }
  return {
    kind: "own",
    options: {
      name: "live-stash",
      // Permissions can then name all subjects by one prefix.
      inboxPrefix: `${prefix}.i`,
      ...connect,
      servers: typeof servers === "string" ? [servers] : [...(servers ?? [])],
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
function isServers(value: unknown): boolean {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const isServer = (server: unknown): boolean =>
    typeof server === "string" && /^((nats|tls):\/\/)?[^\s@/]+$/.test(server);
  return list.length > 0 && list.every(isServer);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** The row of a prefix of all subjects, of characters that have no meaning to the servers. */
export const PREFIX_ROW = {
  kind: "value",
  accepts: (value) => typeof value === "string" && /^[\w-]{1,32}$/.test(value),
  expected: "1 to 32 characters of A-Z a-z 0-9 _ -",
  default: "ls",
} as const satisfies OptionRow;

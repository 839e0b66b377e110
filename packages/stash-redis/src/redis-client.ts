import {
  createClient,
  createCluster,
  createSentinel,
  RedisClient,
  RESP_TYPES,
  type RedisClientOptions,
  type RedisClusterOptions,
  type RedisSentinelOptions,
} from "redis";

/** A command with its arguments. */
export type CommandArguments = readonly (string | Buffer)[];

/** A client of a server, a cluster or a sentinel, reduced to what the adapter needs. */
export interface CommandClient {
  /** Whether the client writes a command at once; otherwise the command may wait in its queue. */
  readonly isReady: boolean;
  /** Sends a command. Strings in the reply are buffers. `signal` withdraws an unwritten command. */
  send(key: string, command: CommandArguments, signal: AbortSignal | undefined): Promise<unknown>;
  /**
   * Sends commands one after the other over one connection, and rejects if that connection is replaced
   * in between. Rejects with the first error reply, and follows no redirection of a cluster.
   */
  sendAll(key: string, commands: readonly CommandArguments[]): Promise<readonly unknown[]>;
}

/** A client that the adapter creates, connects and closes. */
export interface OwnClient extends CommandClient {
  /** Resolves when the client is first ready; rejects if it stops trying to connect. */
  connect(): Promise<unknown>;
  /** Closes the client at once; unanswered commands reject. */
  destroy(): void;
}

/** Receives the events of a client. */
export interface ClientEvents {
  readonly onReady: () => void;
  readonly onError: (error: unknown) => void;
}

/** A client, pool, cluster or sentinel of the package `redis` that the application created. */
export interface RedisClientLike {
  readonly isOpen: boolean;
  sendCommand(...input: never[]): Promise<unknown>;
  /** Needed for the option `durability` only. */
  multi?(...input: never[]): unknown;
}

/** The options from which the adapter creates a client of its own. */
export type OwnClientSource =
  | { readonly kind: "server"; readonly options: RedisClientOptions }
  | { readonly kind: "cluster"; readonly options: RedisClusterOptions }
  | { readonly kind: "sentinel"; readonly options: RedisSentinelOptions };

/** The client to use: one of the adapter's own, or the application's. */
export type ClientSource =
  | OwnClientSource
  | { readonly kind: "client"; readonly client: RedisClientLike };

/** The longest delay between attempts to connect. Short, so that a restarted server is found soon. */
const MAX_RECONNECT_DELAY_MS = 250;

/** Creates a client that connects on request. Throws what the package `redis` says of wrong options. */
export function createOwnClient(source: OwnClientSource, events: ClientEvents): OwnClient {
  const { onReady, onError } = events;
  switch (source.kind) {
    case "server": {
      const options = withoutUrl(source.options);
      const socket = { reconnectStrategy, ...options.socket };
      const client = createClient({ ...options, socket });
      client.on("ready", onReady).on("error", onError);
      return ownClient(client);
    }
    case "cluster": {
      const { defaults } = source.options;
      const socket = { reconnectStrategy, ...defaults?.socket };
      const rootNodes = source.options.rootNodes.map((node) => withoutUrl(node));
      const options = { ...source.options, rootNodes, defaults: { ...defaults, socket } };
      const cluster = createCluster(options);
      cluster.on("node-ready", onReady).on("node-error", onError).on("error", onError);
      return ownClient(cluster);
    }
    case "sentinel": {
      const sentinel = createSentinel({ passthroughClientErrorEvents: true, ...source.options });
      sentinel.on("ready", onReady).on("error", onError);
      return ownClient(sentinel);
    }
  }
}

function reconnectStrategy(retries: number): number {
  return Math.min(2 ** retries * 5, MAX_RECONNECT_DELAY_MS) + Math.random() * 20;
}

/**
 * Replaces `url` by its parts. The package `redis` parses the host of a URL a second time, and that fails
 * for IPv6 addresses and for Unix sockets.
 */
function withoutUrl(options: RedisClientOptions): RedisClientOptions {
  if (options.url === undefined) return options;
  const { socket } = options;
  const copy = { ...options, ...(socket === undefined ? {} : { socket: { ...socket } }) };
  const { url: _, ...parts } = RedisClient.parseOptions(copy) as RedisClientOptions;
  return parts;
}

function ownClient(
  client: RedisClientLike & { connect(): Promise<unknown>; destroy(): unknown },
): OwnClient {
  return Object.assign(commandClientOf(client), {
    connect: () => client.connect(),
    destroy: () => void destroyQuietly(client),
  });
}

async function destroyQuietly(client: { destroy(): unknown }): Promise<void> {
  try {
    await client.destroy();
  } catch {
    // The client was closed already, or had not connected yet.
  }
}

/** The methods that all clients of the package share, with the arguments that precede a command. */
interface LibraryClient {
  /** Missing in a pool, which chooses a client for each command. */
  readonly isReady?: boolean;
  sendCommand(...input: unknown[]): Promise<unknown>;
  multi(): {
    addCommand(...input: unknown[]): unknown;
    execAsPipeline(): Promise<readonly unknown[]>;
  };
}

/** The arguments of `sendCommand()` and `addCommand()` before the command: routing, if any. */
type Routing = (key: string) => readonly unknown[];

/** Reduces any client of the package `redis` to what the adapter needs. */
export function commandClientOf(client: RedisClientLike): CommandClient {
  // Their declared types have many parameters of their own, and their proxies do not share one.
  const library = client as unknown as LibraryClient;
  if (isClusterClient(client)) {
    // `isReady` of a cluster says nothing about the node that has the key.
    return commandClient(
      library,
      (key) => [key, false],
      () => false,
    );
  }
  const routing: readonly unknown[] = "getSentinelNode" in client ? [false] : [];
  return commandClient(
    library,
    () => routing,
    () => library.isReady === true,
  );
}

/** Whether a client is one of a cluster, where keys of several slots cannot share a command. */
export function isClusterClient(client: RedisClientLike): boolean {
  return "nodeClient" in client;
}

function commandClient(
  library: LibraryClient,
  routing: Routing,
  isReady: () => boolean,
): CommandClient {
  return {
    get isReady() {
      return isReady();
    },
    send: (key, command, signal) =>
      library.sendCommand(...routing(key), command, sendOptions(signal)),
    sendAll(key, commands) {
      const pipeline = library.multi();
      for (const command of commands) pipeline.addCommand(...routing(key), command);
      return pipeline.execAsPipeline();
    },
  };
}

/**
 * No timeout of the client's own, because it creates an `AbortSignal` for each command, which costs
 * more than all other work on the command.
 */
const WITHOUT_TIMEOUT = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer }, timeout: 0 };

function sendOptions(signal: AbortSignal | undefined): object {
  return signal === undefined ? WITHOUT_TIMEOUT : { ...WITHOUT_TIMEOUT, abortSignal: signal };
}

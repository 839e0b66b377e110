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

/** The client of a Redis server, cluster or sentinel, in the few words that the adapter needs. */
export interface RedisLink {
  /** Whether a command is written at once. Where it is not, it waits in the client's queue. */
  readonly isReady: boolean;
  /** Strings in the reply are buffers. `signal` takes a command back that is not written yet. */
  send(key: string, command: CommandArguments, signal: AbortSignal | undefined): Promise<unknown>;
  /**
   * Sends commands over one connection, one behind the other: should that be replaced in between, it
   * rejects. Rejects with the first error reply, and follows no redirection of a cluster.
   */
  sendAll(key: string, commands: readonly CommandArguments[]): Promise<readonly unknown[]>;
}

/** A link that the adapter makes, and ends. */
export interface OwnRedisLink extends RedisLink {
  /** Resolves when it is ready for the first time; rejects if it has given up. */
  connect(): Promise<unknown>;
  /** Ends it at once; what was not answered rejects. */
  destroy(): void;
}

/** Told of what a link goes through. */
export interface LinkEvents {
  readonly onReady: () => void;
  readonly onError: (error: unknown) => void;
}

/** A client, cluster or sentinel of the package `redis`, made by the application. */
export interface GivenRedisClient {
  readonly isOpen: boolean;
  sendCommand(...input: never[]): Promise<unknown>;
  /** Needed for the option `durability` only. */
  multi?(...input: never[]): unknown;
}

/** How the adapter comes by a link: makes one, or was given a client. */
export type LinkSource =
  | { readonly kind: "server"; readonly options: RedisClientOptions }
  | { readonly kind: "cluster"; readonly options: RedisClusterOptions }
  | { readonly kind: "sentinel"; readonly options: RedisSentinelOptions };

interface SendOptions {
  readonly typeMapping: typeof STRINGS_AS_BUFFERS;
  readonly timeout: 0;
  readonly abortSignal?: AbortSignal;
}

const STRINGS_AS_BUFFERS = { [RESP_TYPES.BLOB_STRING]: Buffer };
/** No timeout of the client's own: it makes a signal for each command, which takes longer than all else. */
const AT_ONCE: SendOptions = { typeMapping: STRINGS_AS_BUFFERS, timeout: 0 };
/** Reconnecting starts at once and slows down to this, so that a server that is back is soon found. */
const MAX_RECONNECT_DELAY_MS = 250;

/** Makes a link that connects when it is told to. Throws what the client thinks of wrong options. */
export function createLink(source: LinkSource, events: LinkEvents): OwnRedisLink {
  const { onReady, onError } = events;
  switch (source.kind) {
    case "server": {
      const options = withoutUrl(source.options);
      const socket = { reconnectStrategy, ...options.socket };
      const client = createClient({ ...options, socket });
      client.on("ready", onReady).on("error", onError);
      return ownLink(client, clientLink(client));
    }
    case "cluster": {
      const { defaults } = source.options;
      const socket = { reconnectStrategy, ...defaults?.socket };
      const rootNodes = source.options.rootNodes.map((node) => withoutUrl(node));
      const options = { ...source.options, rootNodes, defaults: { ...defaults, socket } };
      const cluster = createCluster(options);
      cluster.on("node-ready", onReady).on("node-error", onError).on("error", onError);
      return ownLink(cluster, clusterLink(cluster));
    }
    case "sentinel": {
      const sentinel = createSentinel({ passthroughClientErrorEvents: true, ...source.options });
      sentinel.on("ready", onReady).on("error", onError);
      return ownLink(sentinel, sentinelLink(sentinel));
    }
  }
}

/**
 * The same options, with the parts of `url` instead of it. Where the client finds a URL, it takes the
 * host from there once more, in a way that fails for IPv6 addresses and for sockets in the file system.
 */
function withoutUrl(options: RedisClientOptions): RedisClientOptions {
  if (options.url === undefined) return options;
  const { socket } = options;
  const copy = { ...options, ...(socket === undefined ? {} : { socket: { ...socket } }) };
  const { url: _, ...parts } = RedisClient.parseOptions(copy) as RedisClientOptions;
  return parts;
}

/** Whether a client is one of a cluster, which takes no command with keys of several slots. */
export function isClusterClient(client: GivenRedisClient): boolean {
  return "nodeClient" in client;
}

/** The link of a client that the application made and will close. */
export function givenLink(client: GivenRedisClient): RedisLink {
  if (isClusterClient(client)) return clusterLink(client as unknown as ClusterClient);
  if (isSentinelClient(client)) return sentinelLink(client as unknown as SentinelClient);
  return clientLink(client as unknown as SingleClient);
}

function isSentinelClient(client: GivenRedisClient): boolean {
  return "getSentinelNode" in client;
}

/** What the package's own types say with many parameters, and their proxies do not share. */
interface SingleClient {
  /** A pool has none: it finds a client for each command. */
  readonly isReady?: boolean;
  sendCommand(command: CommandArguments, options: SendOptions): Promise<unknown>;
  multi(): Pipeline<[command: CommandArguments]>;
}

interface Pipeline<Arguments extends unknown[]> {
  addCommand(...input: Arguments): unknown;
  execAsPipeline(): Promise<readonly unknown[]>;
}

interface ClusterClient {
  multi(): Pipeline<[firstKey: string, isReadonly: boolean, command: CommandArguments]>;
  sendCommand(
    firstKey: string,
    isReadonly: boolean,
    command: CommandArguments,
    options: SendOptions,
  ): Promise<unknown>;
}

interface SentinelClient {
  readonly isReady: boolean;
  multi(): Pipeline<[isReadonly: boolean, command: CommandArguments]>;
  sendCommand(
    isReadonly: boolean,
    command: CommandArguments,
    options: SendOptions,
  ): Promise<unknown>;
}

function clientLink(client: SingleClient): RedisLink {
  return {
    get isReady() {
      return client.isReady === true;
    },
    send: (_key, command, signal) => client.sendCommand(command, sendOptions(signal)),
    sendAll(_key, commands) {
      const pipeline = client.multi();
      for (const command of commands) pipeline.addCommand(command);
      return pipeline.execAsPipeline();
    },
  };
}

function clusterLink(cluster: ClusterClient): RedisLink {
  return {
    // It cannot tell for one of its nodes.
    isReady: false,
    send: (key, command, signal) => cluster.sendCommand(key, false, command, sendOptions(signal)),
    sendAll(key, commands) {
      const pipeline = cluster.multi();
      for (const command of commands) pipeline.addCommand(key, false, command);
      return pipeline.execAsPipeline();
    },
  };
}

function sentinelLink(sentinel: SentinelClient): RedisLink {
  return {
    get isReady() {
      return sentinel.isReady;
    },
    send: (_key, command, signal) => sentinel.sendCommand(false, command, sendOptions(signal)),
    sendAll(_key, commands) {
      const pipeline = sentinel.multi();
      for (const command of commands) pipeline.addCommand(false, command);
      return pipeline.execAsPipeline();
    },
  };
}

function ownLink(
  client: { connect(): Promise<unknown>; destroy(): unknown },
  link: RedisLink,
): OwnRedisLink {
  return {
    get isReady() {
      return link.isReady;
    },
    send: (key, command, signal) => link.send(key, command, signal),
    sendAll: (key, commands) => link.sendAll(key, commands),
    connect: () => client.connect(),
    destroy() {
      void destroy(client);
    },
  };
}

async function destroy(client: { destroy(): unknown }): Promise<void> {
  try {
    await client.destroy();
  } catch {
    // It was closed already, or had not connected yet.
  }
}

function sendOptions(signal: AbortSignal | undefined): SendOptions {
  return signal === undefined ? AT_ONCE : { ...AT_ONCE, abortSignal: signal };
}

function reconnectStrategy(retries: number): number {
  return Math.min(2 ** retries * 5, MAX_RECONNECT_DELAY_MS) + Math.random() * 20;
}

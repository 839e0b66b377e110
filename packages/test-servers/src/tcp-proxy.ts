import { once } from "node:events";
import { connect, createServer } from "node:net";
import { AnswerFilter } from "./answer-filter.ts";
import { ProxiedConnection } from "./proxied-connection.ts";
import type { Direction } from "./proxied-connection.ts";

export type { Direction } from "./proxied-connection.ts";

/** The address to which a proxy forwards. */
export interface TcpProxyOptions {
  /** The port on 127.0.0.1 of the server behind it. */
  readonly targetPort: number;
}

/** A network between client and server that can be broken on demand. */
export interface TcpProxy {
  /** The port on 127.0.0.1 to connect to instead of the server's. */
  readonly port: number;
  /** The number of open connections. */
  readonly connections: number;
  /** The bytes forwarded so far, in both directions. */
  readonly bytes: number;
  /** The number of answers dropped since `dropAnswers` was last called. */
  readonly droppedAnswers: number;
  /** Resets all connections, on both sides. New ones are accepted at once. */
  cut(): void;
  /** Resets all connections and every new one until `up()`, as if the network were down. */
  down(): void;
  up(): void;
  /** Sends new connections to another port, for instance that of the server's next release. */
  retarget(targetPort: number): void;
  /**
   * Stops forwarding in one direction, or in both, without closing connections: a frozen network. Also
   * affects new connections. `resume` delivers the data that was held back.
   */
  pause(direction?: Direction): void;
  resume(direction?: Direction): void;
  /**
   * Drops the server's answers until `deliverAnswers()`.
   *
   * On an uncompressed WebSocket, whole messages are dropped, so that the connection works afterwards;
   * handshake, pings and close frames pass. On any other connection, chunks are dropped.
   *
   * @param matching Decides by an answer's text whether it is dropped. Default: all are.
   */
  dropAnswers(matching?: (text: string) => boolean): void;
  deliverAnswers(): void;
  /** Resolves when `count` answers were dropped since `dropAnswers` was last called. */
  untilDropped(count: number): Promise<void>;
  /** Ends all connections and stops listening. */
  close(): Promise<void>;
}

/** Starts a proxy on a free port of 127.0.0.1. */
export async function startTcpProxy(options: TcpProxyOptions): Promise<TcpProxy> {
  let { targetPort } = options;
  let isDown = false;
  let bytes = 0;
  const paused = new Set<Direction>();
  const filter = new AnswerFilter();
  const connections = new Set<ProxiedConnection>();

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    if (isDown) {
      client.on("error", () => {});
      client.resetAndDestroy();
      return;
    }
    const target = connect({ port: targetPort, host: "127.0.0.1", allowHalfOpen: true });
    target.setNoDelay(true);
    const connection = new ProxiedConnection(client, target, filter, paused, (byteLength) => {
      bytes += byteLength;
    });
    connections.add(connection);
    void connection.closed.then(() => connections.delete(connection));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new Error("startTcpProxy(): expected an address with a port, got none.");
  }

  const cut = (): void => {
    for (const connection of connections) connection.reset();
  };
  return {
    port: address.port,
    get connections() {
      return connections.size;
    },
    get bytes() {
      return bytes;
    },
    get droppedAnswers() {
      return filter.dropped;
    },
    cut,
    down() {
      isDown = true;
      cut();
    },
    up() {
      isDown = false;
    },
    retarget(port) {
      targetPort = port;
    },
    pause(direction) {
      for (const each of directionsOf(direction)) paused.add(each);
      for (const connection of connections) connection.follow(paused);
    },
    resume(direction) {
      for (const each of directionsOf(direction)) paused.delete(each);
      for (const connection of connections) connection.follow(paused);
    },
    dropAnswers(matching = () => true) {
      filter.drop(matching);
    },
    deliverAnswers() {
      filter.deliver();
    },
    untilDropped: (count) => filter.untilDropped(count),
    async close() {
      const closed = once(server, "close");
      server.close();
      cut();
      await closed;
    },
  };
}

function directionsOf(direction: Direction | undefined): readonly Direction[] {
  return direction === undefined ? ["toServer", "toClient"] : [direction];
}

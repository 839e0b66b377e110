import { connect, type NatsConnection, type NodeConnectionOptions } from "@nats-io/transport-node";
import { closed, notConnected } from "../nats-errors.ts";
import { Outage } from "./outage.ts";

/** The origin of a connection: opened with these options, or handed in by the application. */
export type ConnectionSource =
  | { readonly kind: "own"; readonly options: NodeConnectionOptions }
  | { readonly kind: "given"; readonly connection: NatsConnection };

/** A call that waits for a connection. */
export interface ConnectionCaller {
  readonly operation: string;
  /** Throws if the call has failed. */
  check(): void;
  waits(waiting: { readonly for: "connection"; readonly cause: unknown }): void;
  /** Awaits a promise. Rejects when the call ends first. */
  until<Value>(promise: Promise<Value>): Promise<Value>;
}

export interface ConnectionEvents {
  /** Called when the connection is up, for the first time or again. */
  onUp(connection: NatsConnection): void;
  /** Called when the connection is down. Messages sent before may or may not have arrived. */
  onDown(): void;
}

/** The delay between two attempts to connect, in ms: several fit into one call of 800 ms. */
const RETRY_MS = 200;
/** An own connection is closed after this many pings in a row without an answer. */
const MAX_UNANSWERED_PINGS = 2;
/** The shortest interval of pings, in ms: more would be a load of their own. */
const MIN_PING_INTERVAL_MS = 250;

/** A connection that is opened when it is first needed, and reports when it is up and down. */
export class ManagedConnection {
  readonly #source: ConnectionSource;
  readonly #timeoutMs: number;
  readonly #events: ConnectionEvents;
  #connection: NatsConnection | undefined;
  #isUp = false;
  #opening: Promise<void> | undefined;
  readonly #outage: Outage;
  #isClosed = false;
  #waiters: (() => void)[] = [];

  constructor(source: ConnectionSource, timeoutMs: number, events: ConnectionEvents) {
    this.#source = source;
    this.#timeoutMs = timeoutMs;
    this.#outage = new Outage(timeoutMs);
    this.#events = events;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Resolves once the connection is up. Rejects when the call ends, and at once in a long outage. */
  async connected(call: ConnectionCaller): Promise<NatsConnection> {
    for (;;) {
      call.check();
      if (this.#isClosed) throw closed(call.operation);
      if (this.#isUp && this.#connection !== undefined) return this.#connection;
      call.waits({ for: "connection", cause: this.#outage.cause });
      const isLongOutage = this.#outage.isLong;
      this.#open();
      if (isLongOutage) throw notConnected(call.operation, this.#outage.cause);
      await call.until(
        new Promise<void>((resolve) => {
          this.#waiters.push(resolve);
        }),
      );
    }
  }

  /** Connects an own connection to the next server: the current one cannot reach the others. */
  async changeServer(): Promise<void> {
    if (this.#source.kind === "own" && this.#isUp) await this.#connection?.reconnect();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#setDown();
    this.#wake();
    if (this.#source.kind === "own") await this.#connection?.close();
  }

  #open(): void {
    if (this.#connection !== undefined || this.#opening !== undefined) return;
    this.#outage.begin();
    this.#opening = this.#connect()
      .catch(async (cause: unknown) => {
        this.#outage.cause = cause;
        // A waiting call opens the connection again, after this delay.
        await new Promise((resolve) => {
          setTimeout(resolve, RETRY_MS).unref();
        });
      })
      .finally(() => {
        this.#opening = undefined;
        this.#wake();
      });
  }

  async #connect(): Promise<void> {
    const connection =
      this.#source.kind === "given"
        ? this.#source.connection
        : await connect({
            timeout: this.#timeoutMs,
            pingInterval: Math.max(MIN_PING_INTERVAL_MS, this.#timeoutMs),
            maxPingOut: MAX_UNANSWERED_PINGS,
            reconnectTimeWait: RETRY_MS,
            reconnectJitter: RETRY_MS / 2,
            ...this.#source.options,
            reconnect: true,
            maxReconnectAttempts: -1,
            ignoreAuthErrorAbort: true,
            noAsyncTraces: true,
          });
    if (this.#isClosed) {
      if (this.#source.kind === "own") await connection.close();
      return;
    }
    if (connection.isClosed()) throw new Error("The connection was closed.");
    this.#connection = connection;
    void this.#watch(connection);
    this.#setUp(connection);
  }

  async #watch(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === "disconnect") this.#setDown();
      else if (status.type === "reconnect") this.#setUp(connection);
      else if (status.type === "error") this.#outage.cause = status.error;
    }
    // The status ends when the client has closed the connection, which it never opens again.
    if (this.#connection === connection) {
      this.#connection = undefined;
      this.#setDown();
    }
  }

  #setUp(connection: NatsConnection): void {
    if (this.#isClosed) return;
    this.#isUp = true;
    this.#outage.end();
    this.#events.onUp(connection);
    this.#wake();
  }

  #setDown(): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    this.#outage.begin();
    this.#events.onDown();
  }

  #wake(): void {
    for (const wake of this.#waiters.splice(0)) wake();
  }
}

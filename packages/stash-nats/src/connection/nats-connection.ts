import { connect, type NatsConnection, type NodeConnectionOptions } from "@nats-io/transport-node";
import { closed, notConnected } from "../nats-errors.ts";

/** Where a connection comes from: made here, or the application's. */
export type LinkSource =
  | { readonly kind: "own"; readonly options: NodeConnectionOptions }
  | { readonly kind: "given"; readonly connection: NatsConnection };

/** Who waits for a connection. */
export interface LinkUser {
  readonly operation: string;
  /** Throws once it waits no more. */
  check(): void;
  waits(waiting: { readonly for: "connection"; readonly cause: unknown }): void;
  /** Rejects when it waits no more. */
  until<Value>(promise: Promise<Value>): Promise<Value>;
}

export interface LinkEvents {
  /** Connected, for the first time or again: nothing is known of what was under way. */
  onUp(connection: NatsConnection): void;
  /** What was sent may or may not have arrived. */
  onDown(): void;
}

/** Between two attempts to connect. */
const RETRY_MS = 200;
/** An own connection is given up when so many pings in a row were not answered. */
const PINGS_OF_PATIENCE = 2;
/** From this many timeouts on, not being connected is a fact: calls fail at once. */
const TIMEOUTS_OF_PATIENCE = 5;

/** The connection, made when it is first needed, and known to be up or down. */
export class NatsLink {
  readonly #source: LinkSource;
  readonly #timeoutMs: number;
  readonly #events: LinkEvents;
  #connection: NatsConnection | undefined;
  #isUp = false;
  #dialing: Promise<void> | undefined;
  #downSinceMs: number | undefined;
  #cause: unknown;
  #isClosed = false;
  #waiting: (() => void)[] = [];

  constructor(source: LinkSource, timeoutMs: number, events: LinkEvents) {
    this.#source = source;
    this.#timeoutMs = timeoutMs;
    this.#events = events;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** The connection, once it is up. Rejects when the call ends, and at once in a long outage. */
  async connection(call: LinkUser): Promise<NatsConnection> {
    for (;;) {
      call.check();
      if (this.#isClosed) throw closed(call.operation);
      if (this.#isUp && this.#connection !== undefined) return this.#connection;
      call.waits({ for: "connection", cause: this.#cause });
      const isLongDown = this.#downForMs() > TIMEOUTS_OF_PATIENCE * this.#timeoutMs;
      this.#dial();
      if (isLongDown) throw notConnected(call.operation, this.#cause);
      await call.until(
        new Promise<void>((resolve) => {
          this.#waiting.push(resolve);
        }),
      );
    }
  }

  /** Leaves a server that is there, but without the others, for the next one that is known. */
  async moveOn(): Promise<void> {
    if (this.#source.kind === "own" && this.#isUp) await this.#connection?.reconnect();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#setDown();
    this.#wake();
    if (this.#source.kind === "own") await this.#connection?.close();
  }

  #downForMs(): number {
    return this.#downSinceMs === undefined ? 0 : performance.now() - this.#downSinceMs;
  }

  #dial(): void {
    if (this.#connection !== undefined || this.#dialing !== undefined) return;
    this.#downSinceMs ??= performance.now();
    this.#dialing = this.#open()
      .catch(async (cause: unknown) => {
        this.#cause = cause;
        // Whoever waits dials again, but not in a hurry.
        await new Promise((resolve) => {
          setTimeout(resolve, RETRY_MS).unref();
        });
      })
      .finally(() => {
        this.#dialing = undefined;
        this.#wake();
      });
  }

  async #open(): Promise<void> {
    const connection =
      this.#source.kind === "given"
        ? this.#source.connection
        : await connect({
            timeout: this.#timeoutMs,
            pingInterval: Math.max(250, this.#timeoutMs),
            maxPingOut: PINGS_OF_PATIENCE,
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
      else if (status.type === "error") this.#cause = status.error;
    }
    // Nothing brings a closed connection back.
    if (this.#connection === connection) {
      this.#connection = undefined;
      this.#setDown();
    }
  }

  #setUp(connection: NatsConnection): void {
    if (this.#isClosed) return;
    this.#isUp = true;
    this.#downSinceMs = undefined;
    this.#cause = undefined;
    this.#events.onUp(connection);
    this.#wake();
  }

  #setDown(): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    this.#downSinceMs = performance.now();
    this.#events.onDown();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

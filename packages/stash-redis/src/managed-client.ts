import {
  type ClientEvents,
  type ClientSource,
  type CommandClient,
  commandClientOf,
  createOwnClient,
  type OwnClientSource,
} from "./redis-client.ts";

/** Provides the client for each command, and replaces a client that no longer works. */
export interface ManagedClient {
  /** Returns the client for the next command; creates one at first use, or if the last one is stuck. */
  current(): CommandClient;
  /** Closes the client if it is stuck; the commands that wait in it reject. */
  closeIfStuck(): void;
  /** Handles an error reply of Redis, such as `READONLY`. */
  onErrorReply(replyCode: string): void;
  /** Closes the client, unless it is the application's. */
  close(): void;
}

/**
 * A client that gave up connecting is recreated this long after its creation: as long as the longest
 * delay between two attempts of one client.
 */
const RECREATE_DELAY_MS = 250;

/**
 * Manages the client of an adapter. The application's own client is only used.
 *
 * TCP may take a quarter of an hour to notice that a peer is gone. So a client of the adapter's own
 * that shows no activity for `stuckMs`, although calls wait for it, is replaced.
 */
export function manageClient(source: ClientSource, outage: Outage, stuckMs: number): ManagedClient {
  if (source.kind !== "client") return manageOwnClient(source, outage, stuckMs);
  const client = commandClientOf(source.client);
  return { current: () => client, closeIfStuck() {}, onErrorReply() {}, close() {} };
}

function manageOwnClient(source: OwnClientSource, outage: Outage, stuckMs: number): ManagedClient {
  let opened: OpenedClient | undefined;

  const open = (): OpenedClient => {
    const created: OpenedClient = openClient(source, {
      onReady: () => {
        if (opened === created) outage.end();
      },
      onError: (error) => {
        if (opened === created) outage.connectionFailed(error);
      },
    });
    outage.noteActivity();
    return created;
  };

  const close = (): void => {
    opened?.destroy();
    opened = undefined;
  };

  const closeIfStuck = (): void => {
    if (outage.silentMs() >= stuckMs || opened?.mayBeRecreated() === true) close();
  };

  return {
    current() {
      closeIfStuck();
      opened ??= open();
      return opened.client;
    },
    closeIfStuck,
    onErrorReply(replyCode) {
      // The server has become a replica, and its name may lead to the new primary by now.
      if (replyCode === "READONLY" && source.kind === "server") close();
    },
    close,
  };
}

interface OpenedClient {
  /** The client; until it has connected, a substitute that lets commands wait for the connection. */
  readonly client: CommandClient;
  destroy(): void;
  /** Whether the client gave up connecting, and `RECREATE_DELAY_MS` have passed. */
  mayBeRecreated(): boolean;
}

function openClient(source: OwnClientSource, events: ClientEvents): OpenedClient {
  const own = createOwnClient(source, events);
  const openedAtMs = performance.now();
  let state: "connecting" | "connected" | "failed" = "connecting";
  const connected = own.connect().then(
    () => {
      state = "connected";
    },
    (error: unknown) => {
      state = "failed";
      events.onError(error);
      throw error;
    },
  );
  // Waiting commands reject with the error; without one, the rejection would be unhandled.
  connected.catch(() => {});
  const waiting: CommandClient = {
    get isReady() {
      return state === "connected" && own.isReady;
    },
    async send(key, command, signal) {
      await connected;
      signal?.throwIfAborted();
      return own.send(key, command, signal);
    },
    async sendAll(key, commands) {
      await connected;
      return own.sendAll(key, commands);
    },
  };
  return {
    get client() {
      return state === "connected" ? own : waiting;
    },
    destroy: () => own.destroy(),
    mayBeRecreated: () => state === "failed" && performance.now() - openedAtMs >= RECREATE_DELAY_MS,
  };
}

/** Records since when Redis has not answered, and the last reason that is known. */
export class Outage {
  /** Whether an outage lasts. Only `begin` and `end` change it. */
  isOn = false;
  readonly #nowMs: () => number;
  #sinceMs = 0;
  #activeAtMs = 0;
  #cause: unknown;
  #onBegin = (): void => {};

  /** @param nowMs a monotonic clock */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** The last error of a connection; `undefined` if calls have only timed out. */
  get cause(): unknown {
    return this.#cause;
  }

  /** Begins the outage, unless it has begun: a call was not answered in time. */
  begin(): void {
    if (this.isOn) return;
    this.isOn = true;
    this.#sinceMs = this.#nowMs();
    this.#activeAtMs = this.#sinceMs;
    this.#onBegin();
  }

  /** Resolves when the next outage begins. Supports one waiter. */
  whenBegun(): Promise<void> {
    return new Promise((resolve) => {
      this.#onBegin = resolve;
    });
  }

  /** Begins the outage with a reason: a connection failed. */
  connectionFailed(cause: unknown): void {
    this.begin();
    this.#cause = cause;
    this.noteActivity();
  }

  /** Records a sign that the client is not stuck, short of an answer. */
  noteActivity(): void {
    this.#activeAtMs = this.#nowMs();
  }

  /** Ends the outage: Redis answered. */
  end(): void {
    this.isOn = false;
    this.#cause = undefined;
  }

  /** Returns how long the outage has lasted; 0 without one. */
  durationMs(): number {
    return this.isOn ? this.#nowMs() - this.#sinceMs : 0;
  }

  /** Returns the time in this outage since the last activity of the client; 0 without an outage. */
  silentMs(): number {
    return this.isOn ? this.#nowMs() - this.#activeAtMs : 0;
  }
}

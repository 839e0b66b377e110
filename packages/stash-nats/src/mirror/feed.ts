import { type JetStreamManager, jetstreamManager, type StreamInfo } from "@nats-io/jetstream";
import type { Msg, NatsConnection } from "@nats-io/transport-node";
import { StashError } from "live-stash";
import type { BoundedCall } from "../connection/bounded-call.ts";
import type { Subjects } from "../stream/message.ts";
import { ensureStream, isNotFound, type StreamSettings } from "../stream/stream.ts";
import { type Delivery, type MirrorConsumer, openConsumer } from "./consumer.ts";
import type { Mirror } from "./mirror.ts";
import { PendingEchoes } from "./pending-echoes.ts";

export interface FeedParts {
  readonly mirror: Mirror;
  readonly subjects: Subjects;
  readonly settings: StreamSettings;
  readonly timeoutMs: number;
}

/** The delay between two attempts to open a consumer, in ms: several fit into one call of 800 ms. */
const RETRY_MS = 100;
/** A consumer is renewed after this silence, in ms: it has missed two heartbeats of 10 s each. */
const SILENCE_MS = 25_000;

/** Keeps the mirror up to date while servers come and go. */
export class MirrorFeed {
  readonly echoes = new PendingEchoes();
  readonly #parts: FeedParts;
  #connection: NatsConnection | undefined;
  #consumer: MirrorConsumer | undefined;
  /** Identifies the current consumer. Callbacks of earlier ones are ignored. */
  #generation = 0;
  #isStarting = false;
  #isSynced = false;
  #pending = 0;
  /** When the stream was created, as the servers report it. Another time is another stream. */
  #created: string | undefined;
  /** An error that remains until an operator changes something: calls fail at once. */
  #failure: StashError | undefined;
  #cause: unknown;
  #receivedAtMs = 0;
  #askedAtMs = -Infinity;
  readonly #waiters = new SequenceWaiters(() => this.renew());
  #readyWaiters: (() => void)[] = [];

  constructor(parts: FeedParts) {
    this.#parts = parts;
  }

  /** The number of messages known to be on their way to the mirror. */
  get lagMessages(): number {
    return this.#pending;
  }

  /** Whether there is a connection, and the mirror has read the whole stream since it was last cleared. */
  get isReady(): boolean {
    return this.#connection !== undefined && this.#isSynced;
  }

  /** Starts reading: the connection is up, for the first time or again. */
  connected(connection: NatsConnection): void {
    this.#connection = connection;
    this.#isStarting = false;
    this.#start(true);
  }

  /** Stops reading until the connection is up again. */
  disconnected(): void {
    this.#generation += 1;
    this.#connection = undefined;
    this.#isStarting = false;
    this.#stopConsumer();
    this.echoes.abandonAll();
  }

  close(): void {
    this.disconnected();
    this.#waiters.reached(Infinity);
  }

  /** Resolves once the mirror has read the whole stream. Rejects when the call ends. */
  async ready(call: BoundedCall): Promise<void> {
    while (!this.#isSynced) {
      call.check();
      if (this.#failure !== undefined) throw this.#failure;
      call.waits({ for: "stream", cause: this.#cause });
      await call.until(
        new Promise<void>((resolve) => {
          this.#readyWaiters.push(resolve);
        }),
      );
    }
  }

  /** Resolves once the mirror has applied every message up to `seq`, or was cleared. */
  whenApplied(seq: number): Promise<void> {
    return this.#waiters.until(seq, this.#parts.mirror.appliedSeq);
  }

  /** Opens another consumer where the current one stopped. */
  renew(): void {
    if (!this.#isStarting) this.#start(false);
  }

  /** Clears the mirror, and reads the stream from its first message. */
  restart(): void {
    if (this.#isStarting) return;
    this.#reset();
    this.#start(false);
  }

  /** Renews a consumer that has sent neither messages nor heartbeats for too long. */
  checkSilence(): void {
    if (performance.now() - this.#receivedAtMs > SILENCE_MS) this.renew();
  }

  /**
   * Asks the servers for the stream's first and last sequence, and returns the last one. Restarts if the
   * stream is another one, or has lost messages that this mirror has applied. Rejects without an answer.
   */
  async askServers(): Promise<number> {
    const { mirror, timeoutMs } = this.#parts;
    const connection = this.#connection;
    if (connection === undefined) throw new Error("There is no connection.");
    const { epoch, appliedSeq } = mirror;
    const manager = await jetstreamManager(connection, { checkAPI: false, timeout: timeoutMs });
    const { created, state } = await this.#infoFrom(manager);
    if (epoch === mirror.epoch) {
      this.#askedAtMs = performance.now();
      if (created !== this.#created || state.last_seq < appliedSeq) this.restart();
      else mirror.startsAt(state.first_seq);
    }
    return state.last_seq;
  }

  /** The time since the servers last answered which messages they keep, in ms. */
  get msSinceAsked(): number {
    return performance.now() - this.#askedAtMs;
  }

  async #infoFrom(manager: JetStreamManager): Promise<StreamInfo> {
    try {
      return await manager.streams.info(this.#parts.settings.stream);
    } catch (error) {
      if (isNotFound(error)) this.restart();
      throw error;
    }
  }

  #start(isPlaced: boolean): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    this.#isStarting = true;
    this.#generation += 1;
    const generation = this.#generation;
    this.#stopConsumer();
    this.#open(connection, generation, isPlaced).then(
      () => {
        if (generation !== this.#generation) return;
        this.#isStarting = false;
        this.#waiters.watch();
      },
      (error: unknown) => {
        if (generation !== this.#generation) return;
        this.#failure = error instanceof StashError ? error : undefined;
        this.#cause = error;
        this.#wakeReady();
        setTimeout(() => {
          if (generation === this.#generation) this.#start(isPlaced);
        }, RETRY_MS).unref();
      },
    );
  }

  async #open(connection: NatsConnection, generation: number, isPlaced: boolean): Promise<void> {
    const { mirror, subjects, settings, timeoutMs } = this.#parts;
    const manager = await jetstreamManager(connection, { checkAPI: false, timeout: timeoutMs });
    const info = await ensureStream(manager, settings, subjects, connection.info);
    if (generation !== this.#generation) return;
    const isAnother = this.#created !== undefined && this.#created !== info.created;
    if (isAnother || info.state.last_seq < mirror.appliedSeq) this.#reset();
    this.#created = info.created;
    this.#askedAtMs = performance.now();
    mirror.startsAt(info.state.first_seq);
    mirror.identity.expectAgain();
    const consumer = await openConsumer({
      manager,
      connection,
      subjects,
      info,
      startSeq: mirror.identity.firstSeq ?? mirror.appliedSeq + 1,
      // Placing takes several attempts, which waiting calls have no time for.
      isPlaced: isPlaced && this.#waiters.isEmpty,
      onDelivery: (message, delivery) => {
        if (generation === this.#generation) this.#apply(message, delivery);
      },
      onIdle: () => {
        this.#receivedAtMs = performance.now();
      },
      onBroken: () => {
        if (generation === this.#generation) this.renew();
      },
    });
    if (generation !== this.#generation) {
      consumer.stop();
      return;
    }
    this.#consumer = consumer;
    this.#failure = undefined;
    this.#cause = undefined;
    this.#receivedAtMs = performance.now();
    if (consumer.pending === 0) this.#synced();
  }

  #apply(message: Msg, { seq, storedAtMs, pending }: Delivery): void {
    const { mirror, subjects } = this.#parts;
    this.#receivedAtMs = performance.now();
    if (!mirror.identity.recordDelivery(seq, storedAtMs)) {
      this.#reset();
      this.#isStarting = false;
      this.#start(false);
      return;
    }
    // Several attempts to place a consumer may deliver the same message.
    if (seq > mirror.appliedSeq) {
      const { data } = message;
      const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
      const name = subjects.stashOf(message.subject);
      if (name !== undefined) {
        const isAccepted = mirror.applyStash(name, seq, bytes, storedAtMs);
        this.echoes.receive(name, bytes, { seq, isAccepted });
      } else {
        const node = subjects.nodeOf(message.subject);
        if (node !== undefined) mirror.applyHeartbeat(node, bytes);
      }
      mirror.advance(seq);
    }
    this.#pending = pending;
    if (pending === 0) this.#synced();
    this.#waiters.reached(seq);
  }

  #synced(): void {
    this.#pending = 0;
    if (this.#isSynced) return;
    this.#isSynced = true;
    this.#parts.mirror.forgetGaps();
    this.#wakeReady();
  }

  #wakeReady(): void {
    for (const wake of this.#readyWaiters.splice(0)) wake();
  }

  /** Clears the mirror. Wakes all waiters, because their sequences mean nothing in another stream. */
  #reset(): void {
    this.#parts.mirror.clear();
    this.#isSynced = false;
    this.#waiters.reached(Infinity);
    this.echoes.abandonAll();
  }

  #stopConsumer(): void {
    this.#consumer?.stop();
    this.#consumer = undefined;
  }
}

interface Waiter {
  readonly seq: number;
  readonly resolve: () => void;
}

/**
 * If callers wait and no message arrives for this long, in ms, the consumer is presumed lost and
 * renewed. A quarter of a call's default timeout, so that the call still gets its answer.
 */
const LOST_AFTER_MS = 200;

/**
 * Callers that wait until the mirror has applied a sequence. Reports silence only when no message at all
 * arrives: on a busy machine there are always callers that wait, and for long.
 */
export class SequenceWaiters {
  readonly #onSilence: () => void;
  #waiters: Waiter[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** Whether a message arrived since the timer was started. */
  #hasReceived = false;

  constructor(onSilence: () => void) {
    this.#onSilence = onSilence;
  }

  get isEmpty(): boolean {
    return this.#waiters.length === 0;
  }

  /** Resolves when `seq` is reached; at once if `reachedSeq` is that far. */
  until(seq: number, reachedSeq: number): Promise<void> {
    if (reachedSeq >= seq) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiters.push({ seq, resolve });
      this.watch();
    });
  }

  reached(reachedSeq: number): void {
    this.#hasReceived = true;
    if (this.isEmpty) return;
    const due = this.#waiters.filter(({ seq }) => seq <= reachedSeq);
    if (due.length === 0) return;
    this.#waiters = this.#waiters.filter(({ seq }) => seq > reachedSeq);
    for (const { resolve } of due) resolve();
    if (!this.isEmpty) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Reports the next silence. Each silence is reported once. */
  watch(): void {
    if (this.isEmpty || this.#timer !== undefined) return;
    this.#hasReceived = false;
    this.#timer = setTimeout(() => this.#check(), LOST_AFTER_MS).unref();
  }

  #check(): void {
    const timer = this.#timer;
    // After a stall of this process its sockets are read first: a message may have arrived meanwhile.
    setImmediate(() => {
      if (this.#timer !== timer) return;
      this.#timer = undefined;
      if (this.#hasReceived) this.watch();
      else if (!this.isEmpty) this.#onSilence();
    });
  }
}

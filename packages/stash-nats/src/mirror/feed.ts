import { type JetStreamManager, jetstreamManager, type StreamInfo } from "@nats-io/jetstream";
import type { Msg, NatsConnection } from "@nats-io/transport-node";
import { StashError } from "live-stash";
import type { Call } from "../connection/bounded-call.ts";
import { ensureStream, isNotFound, type StreamSettings } from "../stream/stream.ts";
import type { Subjects } from "../stream/message.ts";
import { type Delivery, type MirrorConsumer, openConsumer, SeenDeliveries } from "./consumer.ts";
import type { Mirror } from "./mirror.ts";
import { Sightings } from "./pending-echoes.ts";

export interface FeedParts {
  readonly mirror: Mirror;
  readonly subjects: Subjects;
  readonly settings: StreamSettings;
  readonly timeoutMs: number;
}

const RETRY_MS = 100;
/** Consumers say every ten seconds that they are there. */
const SILENCE_MS = 25_000;

/** Keeps the mirror up to date, whichever servers come and go. */
export class MirrorFeed {
  /** What this node has sent, until it comes back in the stream. */
  readonly sightings = new Sightings();
  readonly #parts: FeedParts;
  #connection: NatsConnection | undefined;
  #consumer: MirrorConsumer | undefined;
  /** Identifies the consumer whose messages count. */
  #generation = 0;
  #isStarting = false;
  #isSynced = false;
  #pending = 0;
  #created: string | undefined;
  /** What only changes when somebody changes something. */
  #failure: StashError | undefined;
  #cause: unknown;
  #heardAtMs = 0;
  #lookedAtMs = -Infinity;
  /** Shows whether a stream is the one that the mirror knows, with other servers or after a restart. */
  readonly #seen = new SeenDeliveries();
  /** A mirror that somebody waits for, and does not come, may have a consumer that is gone. */
  readonly #waiters = new SequenceWaiters(() => this.renew());
  #readyWaiters: (() => void)[] = [];

  constructor(parts: FeedParts) {
    this.#parts = parts;
  }

  /** How many messages are known to be on their way. */
  get lagMessages(): number {
    return this.#pending;
  }

  get isSynced(): boolean {
    return this.#isSynced;
  }

  /** Connected, for the first time or again. */
  up(connection: NatsConnection): void {
    this.#connection = connection;
    this.#isStarting = false;
    this.#start(true);
  }

  down(): void {
    this.#generation += 1;
    this.#connection = undefined;
    this.#isStarting = false;
    this.#stopConsumer();
    this.sightings.giveUp();
  }

  close(): void {
    this.down();
    this.#waiters.reached(Infinity);
  }

  /** Resolves once the mirror holds all that there was when it began. Rejects with the call. */
  async ready(call: Call): Promise<void> {
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

  /** Resolves once all up to `seq` is in the mirror, or the mirror began anew. */
  whenApplied(seq: number): Promise<void> {
    return this.#waiters.until(seq, this.#parts.mirror.appliedSeq);
  }

  /** Begins another consumer where this one ended. */
  renew(): void {
    if (!this.#isStarting) this.#start(false);
  }

  /** Begins anew, from the first message of the stream. */
  restart(): void {
    if (this.#isStarting) return;
    this.#reset();
    this.#start(false);
  }

  /**
   * Asks the servers what they have, and how far that goes. Begins anew if the stream is another one, or
   * has lost what this mirror knows. Rejects if they do not answer.
   */
  async look(): Promise<number> {
    const { mirror, timeoutMs } = this.#parts;
    const connection = this.#connection;
    if (connection === undefined) throw new Error("There is no connection.");
    const { epoch, appliedSeq } = mirror;
    const manager = await jetstreamManager(connection, { checkAPI: false, timeout: timeoutMs });
    const { created, state } = await this.#infoOf(manager);
    if (epoch === mirror.epoch) {
      this.#lookedAtMs = performance.now();
      if (created !== this.#created || state.last_seq < appliedSeq) this.restart();
      else mirror.startsAt(state.first_seq);
    }
    return state.last_seq;
  }

  async #infoOf(manager: JetStreamManager): Promise<StreamInfo> {
    try {
      return await manager.streams.info(this.#parts.settings.stream);
    } catch (error) {
      if (isNotFound(error)) this.restart();
      throw error;
    }
  }

  /** How long ago the servers said last what they have, in ms. */
  get lookedForMs(): number {
    return performance.now() - this.#lookedAtMs;
  }

  /** Renews a consumer that has not been heard for too long. */
  checkSilence(): void {
    if (performance.now() - this.#heardAtMs > SILENCE_MS) this.renew();
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
    this.#lookedAtMs = performance.now();
    mirror.startsAt(info.state.first_seq);
    this.#seen.beginAgain();
    const consumer = await openConsumer({
      manager,
      connection,
      subjects,
      info,
      startSeq: this.#seen.firstSeq ?? mirror.appliedSeq + 1,
      isPlaced: isPlaced && this.#waiters.isEmpty,
      onDelivery: (message, delivery) => {
        if (generation === this.#generation) this.#apply(message, delivery);
      },
      onIdle: () => {
        this.#heardAtMs = performance.now();
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
    this.#heardAtMs = performance.now();
    if (consumer.pending === 0) this.#sync();
  }

  #apply(message: Msg, { seq, storedAtMs, pending }: Delivery): void {
    const { mirror, subjects } = this.#parts;
    this.#heardAtMs = performance.now();
    if (!this.#seen.isKnownStream(seq, storedAtMs)) {
      this.#reset();
      this.#isStarting = false;
      this.#start(false);
      return;
    }
    // An attempt to place a consumer may have told of it already.
    if (seq > mirror.appliedSeq) {
      const { data } = message;
      const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
      const stash = subjects.stashOf(message.subject);
      if (stash !== undefined) {
        const counts = mirror.applyStash(stash, seq, bytes, storedAtMs);
        this.sightings.saw(stash, bytes, { seq, counts });
      } else {
        const node = subjects.nodeOf(message.subject);
        if (node !== undefined) mirror.applySign(node, bytes);
      }
      mirror.advance(seq);
    }
    this.#pending = pending;
    if (pending === 0) this.#sync();
    this.#waiters.reached(mirror.appliedSeq);
  }

  #sync(): void {
    this.#pending = 0;
    if (this.#isSynced) return;
    this.#isSynced = true;
    this.#parts.mirror.forgetGaps();
    this.#wakeReady();
  }

  #wakeReady(): void {
    for (const wake of this.#readyWaiters.splice(0)) wake();
  }

  /** Sequences of before mean nothing any more, so whoever waits for one must look again. */
  #reset(): void {
    this.#parts.mirror.clear();
    this.#seen.clear();
    this.#isSynced = false;
    this.#waiters.reached(Infinity);
    this.sightings.giveUp();
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

/** Nothing at all for so long, while somebody waits, is suspicious. */
const SUSPICIOUS_MS = 200;

/**
 * Those who wait until a sequence is reached. Tells when nothing is reached any more. On a busy machine
 * there is always somebody who waits, and for long: that alone says nothing about who is waited for.
 */
export class SequenceWaiters {
  readonly #onSilence: () => void;
  #waiters: Waiter[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** Whether anything was reached since the timer was set. */
  #isHeard = false;

  constructor(onSilence: () => void) {
    this.#onSilence = onSilence;
  }

  get isEmpty(): boolean {
    return this.#waiters.length === 0;
  }

  /** Resolves when `seq` is reached. */
  until(seq: number, reachedSeq: number): Promise<void> {
    if (reachedSeq >= seq) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiters.push({ seq, resolve });
      this.watch();
    });
  }

  reached(reachedSeq: number): void {
    this.#isHeard = true;
    if (this.isEmpty) return;
    const due = this.#waiters.filter(({ seq }) => seq <= reachedSeq);
    if (due.length === 0) return;
    this.#waiters = this.#waiters.filter(({ seq }) => seq > reachedSeq);
    for (const { resolve } of due) resolve();
    if (!this.isEmpty) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** From now on, silence is suspicious again. */
  watch(): void {
    if (this.isEmpty || this.#timer !== undefined) return;
    this.#isHeard = false;
    this.#timer = setTimeout(() => this.#look(), SUSPICIOUS_MS).unref();
  }

  #look(): void {
    const timer = this.#timer;
    // Where this process itself stood still, what it did not read is still to be read.
    setImmediate(() => {
      if (this.#timer !== timer) return;
      this.#timer = undefined;
      if (this.#isHeard) this.watch();
      else if (!this.isEmpty) this.#onSilence();
    });
  }
}

import { StashError } from "live-stash";
import type { Clock } from "live-stash/adapter";
import type { BoundedCall } from "../connection/bounded-call.ts";
import type { ManagedConnection } from "../connection/managed-connection.ts";
import type { MirrorFeed } from "../mirror/feed.ts";
import type { Knowledge, Mirror, MirrorEntry } from "../mirror/mirror.ts";
import { ambiguous, refused, unknownState } from "../nats-errors.ts";
import {
  encodeMessage,
  type Lease,
  type OwnerKey,
  type StashMessage,
  type Subjects,
} from "../stream/message.ts";
import type { Publisher, PublishReply, PublishRequest } from "../stream/publisher.ts";
import { MAX_UPDATES } from "../stream/stream.ts";

export interface LogParts {
  readonly connection: ManagedConnection;
  readonly publisher: Publisher;
  readonly feed: MirrorFeed;
  readonly mirror: Mirror;
  readonly subjects: Subjects;
  readonly clock: Clock;
  readonly timeoutMs: number;
}

/** The next step of a call, decided from the mirror. */
export type Decision<Outcome> =
  /** Store this message. It is accepted if no other message was stored in between. */
  | { readonly kind: "store"; readonly message: StashMessage; readonly outcome: Outcome }
  /** Answer without storing anything, once the mirror is known to be current. */
  | { readonly kind: "answer"; readonly outcome: Outcome };

export type Decide<Outcome> = (known: Knowledge, nowMs: number) => Decision<Outcome>;

/** A moment at which the mirror held everything that was stored before. */
interface CaughtUp {
  /** The mirror's epoch: once it was cleared, it is not caught up any more. */
  readonly epoch: number;
  readonly askedAtMs: number;
}

/** JetStream refused the message because a limit is reached. */
export const STREAM_FULL = Symbol("stream full");

/** The delay before another attempt, in ms: some 30 fit into a call of 800 ms. */
const RETRY_MS = 25;
/** The usual length of an election, in ms. If there is no leader after that, the stream may have been deleted. */
const ELECTION_MS = 300;
/** After this many timeouts without an answer, the server may be cut off from the others. */
const CUT_OFF_TIMEOUTS = 2;
/** The time limit of a probe, in ms: half of a call, so that a call has time for a second one. */
const PROBE_MS = 400;
const NO_PAYLOAD = new Uint8Array(0);

/**
 * The log of all changes. A call decides from the mirror, stores a message that names the latest accepted
 * one, reads its echo, and decides again if another message was stored first.
 *
 * The log relies only on the order in which the servers deliver. It does not use JetStream's
 * `Nats-Expected-Last-Subject-Sequence`: clusters of 2.9.10 can accept two messages with the same
 * expected sequence, and newer versions may when the leader changes.
 */
export class StashLog {
  readonly #parts: LogParts;
  readonly #queue = new KeyedQueue();
  #failingSinceMs: number | undefined;
  /**
   * The stashes about which this node sent a message without reading its echo. It sends nothing more
   * about them before the mirror has caught up. Otherwise a mirror that lags would make it send the same
   * message again and again, and the servers, which keep few messages of each stash, would delete the
   * accepted one before the mirror reads it.
   */
  readonly #ambiguous = new Set<string>();
  readonly #probe: SharedRequest<ProbeReply>;

  constructor(parts: LogParts) {
    this.#parts = parts;
    this.#probe = new SharedRequest(() => this.#sendProbe());
  }

  /** Executes what `decide` decides about one stash. Calls about the same stash run one at a time. */
  execute<Outcome>(
    call: BoundedCall,
    name: string,
    decide: Decide<Outcome>,
  ): Promise<Outcome | typeof STREAM_FULL> {
    return this.#queue.run(name, () => this.#decideUntilSettled(call, name, decide));
  }

  /** Stores a message that has no predecessor, and returns its sequence. */
  async store(call: BoundedCall, subject: string, payload: Uint8Array): Promise<number> {
    const { mirror, feed } = this.#parts;
    for (;;) {
      await this.ready(call);
      const { epoch, appliedSeq } = mirror;
      const reply = await this.#publish({ subject, payload, timeoutMs: call.leftMs });
      if (reply.status !== "stored") {
        await this.#pauseAfter(call, reply);
      } else if (reply.seq <= appliedSeq && mirror.epoch === epoch) {
        // Sequences only rise, so the stream has lost its messages.
        feed.restart();
        await call.pause(RETRY_MS);
      } else {
        return reply.seq;
      }
    }
  }

  /** Asks the servers which messages they keep, until they answer or the call ends. */
  async askServers(call: BoundedCall): Promise<void> {
    for (;;) {
      await this.ready(call);
      try {
        await call.until(this.#parts.feed.askServers());
        return;
      } catch (error) {
        call.check();
        if (error instanceof StashError) throw error;
        await call.pause(RETRY_MS);
      }
    }
  }

  get isReady(): boolean {
    return this.#parts.feed.isReady;
  }

  /** Resolves once there is a connection, and the mirror has read the whole stream. */
  async ready(call: BoundedCall): Promise<void> {
    const { connection, feed } = this.#parts;
    await connection.connected(call);
    await feed.ready(call);
    call.waits({ for: "answer", found: "none" });
  }

  async #decideUntilSettled<Outcome>(
    call: BoundedCall,
    name: string,
    decide: Decide<Outcome>,
  ): Promise<Outcome | typeof STREAM_FULL> {
    const { mirror, clock } = this.#parts;
    let caughtUp: CaughtUp | undefined;
    // An earlier attempt of this call may have been applied.
    let isAmbiguous = false;
    for (;;) {
      if (!this.isReady) await this.ready(call);
      if (this.#ambiguous.has(name) && (await this.#catchUp(call)) === STREAM_FULL) {
        return STREAM_FULL;
      }
      call.check();
      const nowMs = clock.now();
      const known = mirror.knowledgeOf(name, nowMs);
      const decision = decide(known, nowMs);
      if (decision.kind === "store") {
        const written = await this.#write(call, name, decision.message, known);
        if (written === STREAM_FULL) return STREAM_FULL;
        if (written === "accepted") return decision.outcome;
        isAmbiguous ||= written === "ambiguous";
      } else if (caughtUp !== undefined && this.#isCurrent(name, known, caughtUp)) {
        if (isAmbiguous) throw ambiguous(call.operation);
        const isUnknown = call.operation === "load" && mirror.isUnknown(name, nowMs);
        if (isUnknown) throw unknownState(call.operation);
        return decision.outcome;
      } else {
        const outcome = await this.#catchUp(call);
        if (outcome === STREAM_FULL) return STREAM_FULL;
        caughtUp = outcome;
      }
    }
  }

  /**
   * Whether the mirror still reflects everything stored up to the catch-up. Not so if the mirror was
   * cleared since, or if the stash has expired since: its node may have extended the deadline in a
   * message that this process has not read yet, because it was stalled.
   */
  #isCurrent(name: string, { entry }: Knowledge, { epoch, askedAtMs }: CaughtUp): boolean {
    const { mirror } = this.#parts;
    if (epoch !== mirror.epoch || !this.isReady) return false;
    return entry !== undefined || mirror.living(name, askedAtMs) === undefined;
  }

  /** Writes a message, and returns whether it is accepted. Unless it is, the call must decide again. */
  async #write(
    call: BoundedCall,
    name: string,
    message: StashMessage,
    { epoch, appliedSeq }: Knowledge,
  ): Promise<"accepted" | "rejected" | "ambiguous" | typeof STREAM_FULL> {
    const { mirror, subjects, publisher, feed } = this.#parts;
    // This copies the record, which the caller may change after the call has timed out.
    const payload = encodeMessage(message);
    const refusal = publisher.send(subjects.stash(name), payload);
    if (refusal !== undefined) {
      await this.#pauseAfter(call, refusal);
      return "rejected";
    }
    this.#ambiguous.add(name);
    const pending = feed.echoes.expect(name, payload);
    try {
      await pending.arrivedOrLate;
      call.check();
      const isLate = pending.echo === undefined;
      if (isLate && (await this.#catchUp(call)) === STREAM_FULL) return STREAM_FULL;
    } finally {
      feed.echoes.forget(name);
    }
    const { echo } = pending;
    if (echo === undefined || mirror.epoch !== epoch) return "ambiguous";
    this.#ambiguous.delete(name);
    this.#failingSinceMs = undefined;
    if (!echo.isAccepted) return "rejected";
    // Another message may have come first, and been deleted before this mirror read it.
    if (mirror.gapEndSeq > appliedSeq) return "ambiguous";
    if (message.kind === "gone") this.#purge(name, echo.seq);
    return "accepted";
  }

  /** Deletes the messages before `seq`, and does not wait for the result: messages that remain are deleted by age. */
  #purge(name: string, seq: number): void {
    const { publisher, subjects } = this.#parts;
    const payload = Buffer.from(JSON.stringify({ filter: subjects.stash(name), seq }));
    void publisher.publish({ subject: subjects.purge, payload, timeoutMs: PROBE_MS });
  }

  /** Resolves once the mirror holds everything that was stored before this call. */
  async #catchUp(call: BoundedCall): Promise<typeof STREAM_FULL | CaughtUp> {
    const { mirror, feed, clock } = this.#parts;
    const names = [...this.#ambiguous];
    for (;;) {
      await this.ready(call);
      const { epoch } = mirror;
      const askedAtMs = clock.now();
      const reply = await call.until(this.#probe.send());
      if (reply.status === "full") return STREAM_FULL;
      if (reply.status !== "stored") {
        await this.#pauseAfter(call, reply);
      } else if (reply.seq <= reply.sentAtSeq) {
        // Sequences only rise, so the stream has lost its messages.
        feed.restart();
      } else {
        call.waits({ for: "answer", found: "a mirror that lags behind" });
        await call.until(feed.whenApplied(reply.seq));
        if (mirror.appliedSeq < reply.seq || mirror.epoch !== epoch) continue;
        for (const name of names) this.#ambiguous.delete(name);
        return { epoch, askedAtMs };
      }
    }
  }

  async #sendProbe(): Promise<ProbeReply> {
    const { mirror, subjects } = this.#parts;
    const sentAtSeq = mirror.appliedSeq;
    const reply = await this.#publish({
      subject: subjects.probe,
      payload: NO_PAYLOAD,
      timeoutMs: PROBE_MS,
    });
    return { ...reply, sentAtSeq };
  }

  async #publish(request: PublishRequest): Promise<PublishReply> {
    const { publisher, connection, timeoutMs } = this.#parts;
    const reply = await publisher.publish(request);
    if (reply.status === "stored") {
      this.#failingSinceMs = undefined;
    } else if (reply.status === "no_leader" || reply.status === "unknown") {
      this.#failingSinceMs ??= performance.now();
      if (this.#failingForMs() > CUT_OFF_TIMEOUTS * timeoutMs) {
        this.#failingSinceMs = undefined;
        await connection.changeServer();
      }
    }
    return reply;
  }

  #failingForMs(): number {
    return this.#failingSinceMs === undefined ? 0 : performance.now() - this.#failingSinceMs;
  }

  /** Pauses after a failure that another attempt may avoid. Throws for any other. */
  async #pauseAfter(call: BoundedCall, reply: PublishReply): Promise<void> {
    call.check();
    if (reply.status === "refused" || reply.status === "full") {
      throw refused(call.operation, reply.status === "full" ? "no room" : reply.reason);
    }
    if (reply.status === "no_leader") {
      call.waits({ for: "quorum" });
      // Without a leader for this long, the stream may be deleted: renewing the feed creates it.
      if (this.#failingForMs() > ELECTION_MS) this.#parts.feed.renew();
    } else {
      call.waits({ for: "answer", found: "none" });
    }
    await call.pause(RETRY_MS);
  }
}

type ProbeReply = PublishReply & {
  /** The last sequence that the mirror had applied when the probe was sent. */
  readonly sentAtSeq: number;
};

/**
 * Returns the message that changes a stash's deadline, and its owner if one is given: an update, unless
 * the servers have deleted the state that the update would refer to, or will soon delete that state
 * because of the message count or the state's age.
 *
 * @param isStored whether the servers still keep the state
 */
export function changeOf(
  entry: MirrorEntry,
  owner: OwnerKey | undefined,
  lease: Lease,
  nowMs: number,
  maxTtlMs: number,
  isStored = true,
): StashMessage {
  const followsSeq = entry.seq;
  const isRecent = entry.messagesSince < MAX_UPDATES && !isOld(entry, nowMs, maxTtlMs);
  if (isStored && isRecent) return { kind: "update", followsSeq, owner, lease };
  return { kind: "state", followsSeq, owner: owner ?? entry.owner, lease, record: entry.record };
}

/** Whether a third of the state's retention (3 × `maxTtlMs`) has passed, so the state should be stored again. */
export function isOld({ stateAtMs }: MirrorEntry, nowMs: number, maxTtlMs: number): boolean {
  return nowMs - stateAtMs > maxTtlMs;
}

/** Runs tasks with the same key one at a time, first come, first served. */
export class KeyedQueue {
  readonly #tails = new Map<string, Promise<unknown>>();

  /** Runs a task once all earlier tasks with this key have settled. */
  async run<Result>(key: string, task: () => Promise<Result>): Promise<Result> {
    const before = this.#tails.get(key);
    const tail = before === undefined ? task() : before.then(task, task);
    this.#tails.set(key, tail);
    try {
      return await tail;
    } finally {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    }
  }
}

/**
 * Shares one request among all callers of one tick of the event loop. Each caller needs a request that
 * was sent after it asked, but not one of its own.
 */
export class SharedRequest<Reply> {
  readonly #request: () => Promise<Reply>;
  #next: Promise<Reply> | undefined;

  constructor(request: () => Promise<Reply>) {
    this.#request = request;
  }

  send(): Promise<Reply> {
    this.#next ??= new Promise<void>((resolve) => {
      setImmediate(resolve);
    }).then(() => {
      this.#next = undefined;
      return this.#request();
    });
    return this.#next;
  }
}

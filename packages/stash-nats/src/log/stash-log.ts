import type { Clock } from "live-stash/adapter";
import type { Call } from "../connection/bounded-call.ts";
import type { Mirror, MirrorEntry } from "../mirror/mirror.ts";
import type { MirrorFeed } from "../mirror/feed.ts";
import { inDoubt, refused, unknownState } from "../nats-errors.ts";
import type { NatsLink } from "../connection/nats-connection.ts";
import type { AckedPublisher, PublishReply, PublishRequest } from "../stream/publisher.ts";
import {
  encodeMessage,
  type Lease,
  MAX_DEADLINE_MS,
  MAX_LENGTH_MS,
  type OwnerKey,
  type StashMessage,
  type Subjects,
} from "../stream/message.ts";
import { MAX_MARKERS } from "../stream/stream.ts";

export interface LogParts {
  readonly link: NatsLink;
  readonly publisher: AckedPublisher;
  readonly feed: MirrorFeed;
  readonly mirror: Mirror;
  readonly subjects: Subjects;
  readonly clock: Clock;
  readonly timeoutMs: number;
}

/** What to do, given what is known of a stash. */
export type Decision<Outcome> =
  /** Store this; it counts if nothing came in between. */
  | { readonly kind: "store"; readonly message: StashMessage; readonly outcome: Outcome }
  /** Answer without storing anything; what is known must then be known to be true. */
  | { readonly kind: "answer"; readonly outcome: Outcome };

/**
 * @param entry the stash, if it lives
 * @param lastSeq of the last message about it that counts, 0 if none is known
 */
export type Decide<Outcome> = (
  entry: MirrorEntry | undefined,
  nowMs: number,
  lastSeq: number,
) => Decision<Outcome>;

/** A mirror that held all that was stored at some time. */
interface CaughtUp {
  /** What it knows since is only true as long as it has not begun anew. */
  readonly epoch: number;
  readonly askedAtMs: number;
}

/** The servers have no room. */
export const NO_ROOM = Symbol("no room");

const RETRY_MS = 25;
const ELECTION_MS = 300;
/** A server that has had nothing stored for so many timeouts may be cut off from the others. */
const TIMEOUTS_OF_PATIENCE = 2;
/** A probe that is lost is sent again by whoever still waits. */
const PROBE_MS = 400;
const NOTHING = new Uint8Array(0);

/**
 * The log of all changes, and what this node knows of it. Decides from the mirror, stores what follows
 * the last that is known there, and decides anew if something else came first.
 *
 * Servers only have to keep what they delivered, in one order. Their own condition for a subject's
 * last sequence is not used: in clusters, 2.9.10 accepts two messages under the same condition, and
 * newer ones may when the leader changes.
 */
export class StashLog {
  readonly #parts: LogParts;
  readonly #turns = new TurnQueue();
  #failingSinceMs: number | undefined;
  /**
   * Stashes about which this node sent what its mirror has not shown, if it was stored at all. Nothing
   * more is sent about them before the mirror has caught up. It would be the same again and again while
   * the mirror stands still, and servers keep a few messages about each stash only: what counts would go
   * before a mirror that is late has seen it.
   */
  readonly #unsettled = new Set<string>();
  readonly #probe: SharedQuestion<PublishReply & { readonly askedAtSeq: number }>;

  constructor(parts: LogParts) {
    this.#parts = parts;
    this.#probe = new SharedQuestion(() => this.#sendProbe());
  }

  /** Decides about one stash, one call after the other. */
  decide<Outcome>(
    call: Call,
    name: string,
    decide: Decide<Outcome>,
  ): Promise<Outcome | typeof NO_ROOM> {
    return this.#turns.run(name, () => this.#decide(call, name, decide));
  }

  /** Stores a message that depends on no other. Its sequence. */
  async store(call: Call, subject: string, payload: Uint8Array): Promise<number> {
    const { mirror } = this.#parts;
    for (;;) {
      await this.ready(call);
      const { epoch, appliedSeq } = mirror;
      const reply = await this.#publish({ subject, payload, timeoutMs: call.leftMs });
      if (reply.status !== "stored") {
        await this.#retry(call, reply);
      } else if (reply.seq <= appliedSeq && mirror.epoch === epoch) {
        this.#beginAnew();
        await call.pause(RETRY_MS);
      } else {
        return reply.seq;
      }
    }
  }

  get isReady(): boolean {
    const { link, feed } = this.#parts;
    return link.isUp && feed.isSynced;
  }

  /** Connected, with a mirror that was filled. */
  async ready(call: Call): Promise<void> {
    const { link, feed } = this.#parts;
    await link.connection(call);
    await feed.ready(call);
    call.waits({ for: "answer", found: "none" });
  }

  async #decide<Outcome>(
    call: Call,
    name: string,
    decide: Decide<Outcome>,
  ): Promise<Outcome | typeof NO_ROOM> {
    const { mirror, clock } = this.#parts;
    let caughtUp: CaughtUp | undefined;
    // A try before this one may have been stored, and have counted.
    let isDoubtful = false;
    for (;;) {
      if (!this.isReady) await this.ready(call);
      if (this.#unsettled.has(name) && (await this.#catchUp(call)) === NO_ROOM) return NO_ROOM;
      call.check();
      const nowMs = clock.now();
      const entry = mirror.living(name, nowMs);
      const decision = decide(entry, nowMs, mirror.get(name)?.seq ?? 0);
      if (decision.kind === "answer") {
        if (caughtUp !== undefined && this.#isTrue(name, entry, caughtUp)) {
          if (isDoubtful) throw inDoubt(call.operation);
          const isUnknown = call.operation === "load" && mirror.isUnknown(name, nowMs);
          if (isUnknown) throw unknownState(call.operation);
          return decision.outcome;
        }
        const caught = await this.#catchUp(call);
        if (caught === NO_ROOM) return NO_ROOM;
        caughtUp = caught;
        continue;
      }
      const written = await this.#write(call, name, decision.message);
      if (written === NO_ROOM) return NO_ROOM;
      if (written === "counts") return decision.outcome;
      isDoubtful ||= written === "in doubt";
    }
  }

  /**
   * Whether what is known of a stash was all that there was. Not if the mirror has begun anew since. And
   * of one that has expired since it was asked, nobody has asked whether its node put the deadline off
   * meanwhile: this process may have stood still for that long.
   */
  #isTrue(name: string, entry: MirrorEntry | undefined, { epoch, askedAtMs }: CaughtUp): boolean {
    const { mirror } = this.#parts;
    if (epoch !== mirror.epoch || !this.isReady) return false;
    return entry !== undefined || mirror.living(name, askedAtMs) === undefined;
  }

  /** Whether the message counts. If not, or if nobody can tell, it is time to decide anew. */
  async #write(
    call: Call,
    name: string,
    message: StashMessage,
  ): Promise<"counts" | "does not count" | "in doubt" | typeof NO_ROOM> {
    const { mirror, subjects, publisher, feed } = this.#parts;
    const { epoch, appliedSeq } = mirror;
    // A copy of the record, which the caller may change once it has given up.
    const payload = encodeMessage(message);
    const refusal = publisher.send(subjects.stash(name), payload);
    if (refusal !== undefined) {
      await this.#retry(call, refusal);
      return "does not count";
    }
    this.#unsettled.add(name);
    const awaited = feed.sightings.expect(name, payload);
    try {
      await awaited.seenOrLate;
      call.check();
      const isLate = awaited.sight === undefined;
      if (isLate && (await this.#catchUp(call)) === NO_ROOM) return NO_ROOM;
    } finally {
      feed.sightings.forget(name);
    }
    const { sight } = awaited;
    if (sight === undefined || mirror.epoch !== epoch) return "in doubt";
    this.#unsettled.delete(name);
    this.#failingSinceMs = undefined;
    if (!sight.counts) return "does not count";
    // Another one may have come first, and have been dropped by the servers before this mirror saw it.
    if (mirror.gapEndSeq > appliedSeq) return "in doubt";
    if (message.kind === "gone") this.#purge(name, sight.seq);
    return "counts";
  }

  /** Has the servers let go of what was before; nobody waits for it, and in time they do so anyway. */
  #purge(name: string, seq: number): void {
    const { publisher, subjects } = this.#parts;
    const payload = Buffer.from(JSON.stringify({ filter: subjects.stash(name), seq }));
    void publisher.publish({ subject: subjects.purge, payload, timeoutMs: PROBE_MS });
  }

  /** Afterwards the mirror holds all that was stored before this was called. */
  async #catchUp(call: Call): Promise<typeof NO_ROOM | CaughtUp> {
    const { mirror, feed, clock } = this.#parts;
    const unsettled = [...this.#unsettled];
    for (;;) {
      await this.ready(call);
      const { epoch } = mirror;
      const askedAtMs = clock.now();
      const reply = await call.until(this.#probe.ask());
      if (reply.status === "full") return NO_ROOM;
      if (reply.status !== "stored") {
        await this.#retry(call, reply);
      } else if (reply.seq <= reply.askedAtSeq) {
        this.#beginAnew();
      } else {
        call.waits({ for: "answer", found: "the mirror behind" });
        await call.until(feed.whenApplied(reply.seq));
        if (mirror.appliedSeq < reply.seq || mirror.epoch !== epoch) continue;
        for (const name of unsettled) this.#unsettled.delete(name);
        return { epoch, askedAtMs };
      }
    }
  }

  /** Sequences only rise: the stream lost what it had. */
  #beginAnew(): void {
    this.#parts.feed.restart();
  }

  async #sendProbe(): Promise<PublishReply & { readonly askedAtSeq: number }> {
    const { mirror, subjects } = this.#parts;
    const askedAtSeq = mirror.appliedSeq;
    const reply = await this.#publish({
      subject: subjects.probe,
      payload: NOTHING,
      timeoutMs: PROBE_MS,
    });
    return { ...reply, askedAtSeq };
  }

  async #publish(request: PublishRequest): Promise<PublishReply> {
    const { publisher, link, timeoutMs } = this.#parts;
    const reply = await publisher.publish(request);
    if (reply.status === "stored") {
      this.#failingSinceMs = undefined;
    } else if (reply.status === "no_leader" || reply.status === "unknown") {
      this.#failingSinceMs ??= performance.now();
      if (this.#failingForMs() > TIMEOUTS_OF_PATIENCE * timeoutMs) {
        this.#failingSinceMs = undefined;
        await link.moveOn();
      }
    }
    return reply;
  }

  #failingForMs(): number {
    return this.#failingSinceMs === undefined ? 0 : performance.now() - this.#failingSinceMs;
  }

  /** After what may be better in a moment. Throws what is not. */
  async #retry(call: Call, reply: PublishReply): Promise<void> {
    call.check();
    if (reply.status === "refused" || reply.status === "full") {
      throw refused(call.operation, reply.status === "full" ? "no room" : reply.reason);
    }
    if (reply.status === "no_leader") {
      call.waits({ for: "quorum" });
      // An election takes less; or else there is no stream any more, and one to be made.
      if (this.#failingForMs() > ELECTION_MS) this.#parts.feed.renew();
    } else {
      call.waits({ for: "answer", found: "none" });
    }
    await call.pause(RETRY_MS);
  }
}

/** Lets those who want the same thing have it one after the other, in the order in which they came. */
export class TurnQueue {
  readonly #tails = new Map<string, Promise<unknown>>();

  /** Runs `work` once all that came before it for this name is over, however it ended. */
  async run<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#tails.get(name);
    const turn = before === undefined ? work() : before.then(work, work);
    this.#tails.set(name, turn);
    try {
      return await turn;
    } finally {
      if (this.#tails.get(name) === turn) this.#tails.delete(name);
    }
  }
}

/**
 * Shares one question among all who ask it in one turn of the event loop: each needs an answer to a
 * question that was sent after it asked, and no one of its own.
 */
export class SharedQuestion<Answer> {
  readonly #ask: () => Promise<Answer>;
  #next: Promise<Answer> | undefined;

  constructor(ask: () => Promise<Answer>) {
    this.#ask = ask;
  }

  ask(): Promise<Answer> {
    this.#next ??= new Promise<void>((resolve) => {
      setImmediate(resolve);
    }).then(() => {
      this.#next = undefined;
      return this.#ask();
    });
    return this.#next;
  }
}

/**
 * The lease that a deadline stands for.
 *
 * @param askedAtMs when the call began: all that were asked for together have the same length
 * @param node without one, it is not put off by signs of life
 */
export function leaseUntil(
  expiresAtMs: number,
  askedAtMs: number,
  node: string | undefined,
): Lease {
  const deadlineMs = Math.max(0, Math.min(expiresAtMs, MAX_DEADLINE_MS));
  const lengthMs = deadlineMs - askedAtMs;
  if (lengthMs > 0 && lengthMs <= MAX_LENGTH_MS) return { deadlineMs, node, lengthMs };
  return { deadlineMs, node: undefined, lengthMs: 0 };
}

/**
 * The message that gives a stash another lease, and maybe another owner: a marker, unless the servers
 * would let go of the state behind it, for the number of markers or for its age, or did so already.
 *
 * @param isStored whether the servers have its state
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
  const isRecent = entry.messagesSince < MAX_MARKERS && !isOld(entry, nowMs, maxTtlMs);
  const isStateSafe = isStored && isRecent;
  if (isStateSafe) return { kind: "marker", followsSeq, owner, lease };
  return { kind: "state", followsSeq, owner: owner ?? entry.owner, lease, record: entry.record };
}

/** Whether a state must be written again soon, as servers keep it for 3 times `maxTtlMs` only. */
export function isOld({ stateAtMs }: MirrorEntry, nowMs: number, maxTtlMs: number): boolean {
  return nowMs - stateAtMs > maxTtlMs;
}

import type { Clock } from "live-stash";
import type { Call } from "./call.ts";
import type { Mirror } from "./mirror/mirror.ts";
import type { MirrorEntry } from "./mirror/mirror-entry.ts";
import type { MirrorFeed } from "./mirror/mirror-feed.ts";
import { refused } from "./nats-errors.ts";
import type { NatsLink } from "./nats-link.ts";
import { SharedQuestion } from "./shared-question.ts";
import type { AckedPublisher, PublishReply } from "./stream/acked-publisher.ts";
import { encodeMessage, type StashMessage } from "./stream/stash-message.ts";
import type { Subjects } from "./stream/subjects.ts";
import { TurnQueue } from "./turn-queue.ts";

export interface LogParts {
  readonly link: NatsLink;
  readonly publisher: AckedPublisher;
  readonly feed: MirrorFeed;
  readonly mirror: Mirror;
  readonly subjects: Subjects;
  readonly clock: Clock;
}

/** What to do, given what is known of a stash. */
export type Decision<Outcome> =
  /** Store this, if nothing came in between. */
  | { readonly kind: "store"; readonly message: StashMessage; readonly outcome: Outcome }
  /** Answer without storing anything; what is known must then be known to be true. */
  | { readonly kind: "answer"; readonly outcome: Outcome };

export type Decide<Outcome> = (entry: MirrorEntry | undefined, nowMs: number) => Decision<Outcome>;

/** The servers have no room. */
export const NO_ROOM = Symbol("no room");

const RETRY_MS = 25;
/** A probe that is lost is sent again by whoever still waits. */
const PROBE_MS = 400;
const NOTHING = new Uint8Array(0);
/** So many conflicts about one stash, each explained by nothing in the mirror, are a broken mirror. */
const CONFLICTS_OF_PATIENCE = 4;

/**
 * The log of all changes, and what this node knows of it. Decides from the mirror, stores under the
 * condition that what was decided on is the last there is, and decides anew if it was not.
 */
export class StashLog {
  readonly #parts: LogParts;
  readonly #turns = new TurnQueue();
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
    for (;;) {
      await this.ready(call);
      const { publisher } = this.#parts;
      const reply = await publisher.publish({ subject, payload, timeoutMs: call.leftMs });
      if (reply.status === "stored") return reply.seq;
      await this.#retry(call, reply);
    }
  }

  /** Connected, with a mirror that was filled. */
  async ready(call: Call): Promise<void> {
    const { link, feed } = this.#parts;
    await link.connection(call);
    await feed.ready(call);
  }

  async #decide<Outcome>(
    call: Call,
    name: string,
    decide: Decide<Outcome>,
  ): Promise<Outcome | typeof NO_ROOM> {
    const { mirror, publisher, subjects, clock } = this.#parts;
    const subject = subjects.stash(name);
    let isTrue = false;
    /** The last message of which the mirror does not know, as it is of a stash that is gone. */
    let unknownSeq = 0;
    let conflicts = 0;
    for (;;) {
      await this.ready(call);
      call.check();
      const known = mirror.get(name);
      const decision = decide(mirror.living(name, clock.now()), clock.now());
      if (decision.kind === "answer") {
        if (isTrue) return decision.outcome;
        await this.#catchUp(call);
        isTrue = true;
        continue;
      }
      const { message, outcome } = decision;
      // A copy of the record, which the caller may change once it has given up.
      const payload = encodeMessage(message);
      const lastSeq = known?.seq ?? unknownSeq;
      const epoch = mirror.epoch;
      const reply = await publisher.publish({
        subject,
        payload,
        lastSeq,
        isRollup: message.kind === "gone",
        timeoutMs: call.leftMs,
      });
      if (reply.status === "stored") {
        // If the stream began anew meanwhile, what was stored may be gone with the old one.
        if (mirror.epoch === epoch) {
          mirror.applyStash(name, reply.seq, payload, clock.now());
          return outcome;
        }
      } else if (reply.status === "conflict") {
        conflicts += 1;
        if (reply.lastSeq > mirror.appliedSeq) {
          await call.until(this.#parts.feed.whenApplied(reply.lastSeq));
        } else {
          await this.#catchUp(call);
          isTrue = true;
        }
        unknownSeq = reply.lastSeq;
        if (conflicts >= 2) this.#mend(name, lastSeq, reply.lastSeq, conflicts);
      } else {
        if (reply.status === "full") return NO_ROOM;
        await this.#retry(call, reply);
      }
    }
  }

  /** Twice a conflict although the mirror is up to date: something is gone without a message. */
  #mend(name: string, believedSeq: number, lastSeq: number, conflicts: number): void {
    const { mirror, feed } = this.#parts;
    if (mirror.get(name)?.seq !== believedSeq) return;
    // The servers let go of it: it was older than they keep anything, or somebody purged it.
    if (lastSeq < believedSeq) mirror.drop(name);
    else if (conflicts >= CONFLICTS_OF_PATIENCE) feed.restart();
  }

  /** Afterwards the mirror holds all that was stored before this was called. */
  async #catchUp(call: Call): Promise<void> {
    const { mirror, feed } = this.#parts;
    for (;;) {
      await this.ready(call);
      const reply = await call.until(this.#probe.ask());
      if (reply.status !== "stored") {
        await this.#retry(call, reply);
      } else if (reply.seq <= reply.askedAtSeq) {
        // Sequences only rise: the stream lost what it had.
        feed.restart();
      } else {
        call.waits({ for: "answer", found: "the mirror behind" });
        await call.until(feed.whenApplied(reply.seq));
        if (mirror.appliedSeq >= reply.seq) return;
      }
    }
  }

  async #sendProbe(): Promise<PublishReply & { readonly askedAtSeq: number }> {
    const { mirror, publisher, subjects } = this.#parts;
    const askedAtSeq = mirror.appliedSeq;
    const reply = await publisher.publish({
      subject: subjects.probe,
      payload: NOTHING,
      timeoutMs: PROBE_MS,
    });
    return { ...reply, askedAtSeq };
  }

  /** After what may be better in a moment. Throws what is not. */
  async #retry(call: Call, reply: PublishReply): Promise<void> {
    call.check();
    if (reply.status === "refused" || reply.status === "full") {
      throw refused(call.operation, reply.status === "full" ? "no room" : reply.reason);
    }
    call.waits(reply.status === "no_leader" ? { for: "quorum" } : { for: "answer", found: "none" });
    await call.pause(RETRY_MS);
  }
}

import type { LoadOutcome, LoadRequest } from "../store/adapter.ts";
import { channels, type PeerLookupEvent } from "../channels.ts";
import { StashError } from "../errors.ts";
import { replyWithin, within } from "./bounded.ts";
import type { Confirmations } from "./confirmations.ts";
import type { FetchRequest, PeerAnswer } from "./messages.ts";
import type { Forwarding } from "./outgoing.ts";
import { firstReply, type NodeName, type PeerReply } from "./peer-network.ts";
import type { PeerNode } from "./peer-node.ts";
import type { TransferId } from "./transfer.ts";

/**
 * The place where a stash was found: this process, the node of the browser's hint, another node, or
 * none. `unanswered`: unknown, because a node that may have the stash did not answer.
 */
export type LookupSource = "local" | "hint" | "other" | "none" | "unanswered";

export interface LookupOutcome {
  /** `undefined` if the source is `unanswered`. */
  readonly outcome: LoadOutcome | undefined;
  readonly source: LookupSource;
}

/** One request for a stash that this node does not have, or may have in an older state. */
export interface LookupTask {
  readonly request: LoadRequest;
  /** The deadline to store the stash with, on the monotonic clock. */
  readonly deadlineMs: number;
  readonly transferId: TransferId;
  /** The node that the browser's token names. */
  readonly hint: NodeName | undefined;
}

/**
 * If the node of the hint has not answered by then, the other nodes are asked too, in ms. A healthy
 * node answers in less than 1 ms, and in a few while it is busy; and of the 500 ms of a lookup, 450
 * are left for the others.
 */
const HEDGE_MS = 50;
/**
 * The most forwardings that one lookup follows. Each stands for a page that came back on another
 * node, and real pages cause fewer than eight; the limit ends cycles between nodes with
 * contradictory forwardings.
 */
const MAX_HOPS = 8;
/**
 * The least share of `lookupTimeoutMs` for which a node is asked. After a stall of this process,
 * the time limit may have passed before the first request was sent; this minimum still leaves time
 * for an answer.
 */
const LEAST_SHARE = 0.25;

/** A forwarding, and the holder that sent the stash on. */
interface HolderForwarding extends Forwarding {
  readonly holder: NodeName;
}

const UNANSWERED: LookupOutcome = { outcome: undefined, source: "unanswered" };

/**
 * Looks for one stash at other nodes, for at most `lookupTimeoutMs`, and fetches it to this node.
 * The outcome is published on a diagnostics channel, if the channel has subscribers.
 */
export async function lookUp(
  node: PeerNode,
  confirmations: Confirmations,
  task: LookupTask,
  closing: AbortSignal,
): Promise<LookupOutcome> {
  const startedMs = performance.now();
  const found = await within(node.lookupTimeoutMs, closing, (signal) =>
    new Lookup(node, confirmations, task, signal).run(),
  );
  if (channels.peerLookup.hasSubscribers) {
    const event: PeerLookupEvent = {
      source: found.source,
      status: found.outcome?.status ?? "unanswered",
      durationMs: performance.now() - startedMs,
    };
    channels.peerLookup.publish(event);
  }
  return found;
}

class Lookup {
  readonly #node: PeerNode;
  readonly #confirmations: Confirmations;
  readonly #task: LookupTask;
  /** Ends the lookup. Unlike a clock, it makes up for time in which this process stood still. */
  readonly #signal: AbortSignal;
  readonly #endMs: number;
  #found: LookupOutcome | undefined;
  /** Whether a node that may have the stash did not answer, in this round of questions. */
  #isUnanswered = false;

  constructor(node: PeerNode, confirmations: Confirmations, task: LookupTask, signal: AbortSignal) {
    this.#node = node;
    this.#confirmations = confirmations;
    this.#task = task;
    this.#signal = signal;
    this.#endMs = performance.now() + node.lookupTimeoutMs;
  }

  /**
   * Follows the forwarding of this node, or asks the node of the hint; then asks all nodes; then
   * asks them once more if an absence would be uncertain.
   */
  async run(): Promise<LookupOutcome> {
    const { hint } = this.#task;
    if (hint !== undefined && this.#node.store.has(this.#task.request.id)) {
      const outcome = await this.#lookForNewer(hint);
      if (outcome !== undefined) return outcome;
    }
    const forwarding = this.#forwardingFromHere();
    if (forwarding !== undefined) await this.#follow(forwarding, "hint");
    if (this.#found !== undefined) return this.#found;
    const isCertain = await this.#askAll(forwarding === undefined ? hint : undefined, false);
    if (this.#found === undefined && !isCertain) {
      // A node that was silent gets another chance.
      this.#isUnanswered = false;
      // If a forwarding leads nowhere again, it may have hidden another node's answer, so absence is
      // still uncertain.
      if (!(await this.#askAll(undefined, true))) this.#isUnanswered = true;
    }
    // A node that stops may have handed the stash over to this node in the meantime.
    if (this.#found === undefined) this.#lookHere();
    if (this.#found !== undefined) return this.#found;
    if (this.#isUnanswered) return UNANSWERED;
    return { outcome: { status: "absent" }, source: "none" };
  }

  /**
   * Asks the node of the hint although the stash is here, because the local copy may be stale: it
   * may predate a freeze or a partition during which the page moved on. Returns `undefined` if the
   * local copy has expired or moved away in the meantime.
   */
  async #lookForNewer(hint: NodeName): Promise<LookupOutcome | undefined> {
    const answer = this.#answerIn(await this.#fetchFrom(hint, this.#leftMs() / 2));
    if (answer !== undefined && !this.#handle(answer, "hint") && answer.kind === "forwarded") {
      const { to, transferId } = answer;
      await this.#follow({ holder: hint, to, transferId }, "hint");
    }
    if (this.#found === undefined && this.#isUnanswered) return UNANSWERED;
    if (this.#found === undefined) this.#lookHere();
    return this.#found;
  }

  #forwardingFromHere(): HolderForwarding | undefined {
    const forwarding = this.#node.outgoing.forwardingOf(this.#task.request.id);
    return forwarding && { holder: this.#node.name, ...forwarding };
  }

  /**
   * Asks the node of the hint, and all others if there is no hint, or if that node has no answer or
   * is slow. Returns whether an absence would be certain. It is uncertain if:
   *
   * - a forwarding was followed and led nowhere, because the forwarding may have hidden the answer
   *   of the node that has the stash;
   * - the others were asked before the node of the hint had answered, because the stash may have
   *   moved from that node to one that had already answered.
   */
  async #askAll(hint: NodeName | undefined, ignoresForwardings: boolean): Promise<boolean> {
    if (this.#isOver) return true;
    const ofHint = hint === undefined ? undefined : this.#fetch(hint, {}, this.#signal);
    const early = ofHint && (await replyWithin(ofHint, HEDGE_MS));
    const isCertain = ofHint === undefined || early !== undefined;
    const answer =
      (early && this.#answerIn(early)) ??
      this.#answerIn(await this.#fetchFromOthers(hint, ofHint, ignoresForwardings));
    // By now the node of the hint has replied too.
    if (answer === undefined) return isCertain || (await ofHint)?.status === "gone";
    const source = answer.node === hint ? "hint" : "other";
    if (this.#handle(answer, source) || answer.kind !== "forwarded") return true;
    const { node: holder, to, transferId } = answer;
    await this.#follow({ holder, to, transferId }, source);
    return false;
  }

  /** Returns the first answer of the other nodes and the node of the hint. */
  #fetchFromOthers(
    hint: NodeName | undefined,
    ofHint: Promise<PeerReply<PeerAnswer>> | undefined,
    ignoresForwardings: boolean,
  ): Promise<PeerReply<PeerAnswer>> {
    return within(this.#leftMs(), this.#signal, (signal) => {
      const confirmed = this.#node.incoming.unconfirmed;
      const request = this.#requestOf({ confirmed, ignoresForwardings });
      const ofOthers = this.#node.askOthers(request, hint, signal);
      return firstReply(ofHint === undefined ? [ofOthers] : [ofHint, ofOthers]);
    });
  }

  /** Follows forwardings from node to node. */
  async #follow(start: HolderForwarding, source: LookupSource): Promise<void> {
    let next: HolderForwarding | undefined = start;
    for (let hops = 0; next !== undefined && hops < MAX_HOPS; hops += 1) {
      if (this.#isOver) return;
      if (next.to === this.#node.name) return this.#lookHere();
      const { holder, to, transferId }: HolderForwarding = next;
      const follows = transferId === 0 ? undefined : { node: holder, transferId };
      // At most half of the remaining time, so that there is time to go back to the holder.
      const reply = await this.#fetchFrom(to, this.#leftMs() / 2, { follows });
      const answer = this.#answerIn(reply);
      if (answer !== undefined && this.#handle(answer, source)) return;
      if (answer?.kind === "forwarded") {
        next = { holder: to, to: answer.to, transferId: answer.transferId };
      } else if (transferId === 0 || reply.status === "silent") {
        // A silent node may have the stash, with a view that has saved since, so the holder's copy
        // must not be used.
        return;
      } else {
        next = await this.#goBack(next, source);
      }
    }
    // `MAX_HOPS` ended the search before the last forwarding was followed.
    if (next !== undefined) this.#isUnanswered = true;
  }

  /**
   * Fetches the copy from the holder, which has retained it because the transfer failed. Returns a
   * newer forwarding of the holder, if there is one.
   */
  async #goBack(
    { holder, to, transferId }: HolderForwarding,
    source: LookupSource,
  ): Promise<HolderForwarding | undefined> {
    const { name, outgoing } = this.#node;
    if (holder === name) {
      const transfer = outgoing.get(this.#task.request.id);
      if (transfer !== undefined && outgoing.isPending(transfer, to, transferId)) {
        outgoing.restore(transfer);
      }
      this.#lookHere();
      return this.#found === undefined ? this.#forwardingFromHere() : undefined;
    }
    const rejected = { node: to, transferId };
    const answer = this.#answerIn(await this.#fetchFrom(holder, this.#leftMs(), { rejected }));
    if (answer === undefined || this.#handle(answer, source)) return undefined;
    if (answer.kind !== "forwarded") return undefined;
    return { holder, to: answer.to, transferId: answer.transferId };
  }

  #lookHere(): void {
    const outcome = this.#node.store.load(this.#task.request, this.#task.deadlineMs);
    if (outcome.status !== "absent") this.#found = { outcome, source: "local" };
  }

  /** Returns whether the answer ends the lookup. Stores the stash here if it was transferred. */
  #handle(answer: PeerAnswer, source: LookupSource): boolean {
    switch (answer.kind) {
      case "transferred":
        this.#found = { outcome: this.#accept(answer), source };
        this.#confirmations.schedule(answer.node);
        return true;
      case "superseded":
        this.#found = { outcome: { status: "superseded" }, source };
        return true;
      case "received":
        this.#found = { outcome: { status: "absent" }, source: "none" };
        return true;
      default:
        return false;
    }
  }

  #accept(answer: PeerAnswer & { readonly kind: "transferred" }): LoadOutcome {
    const { request, deadlineMs, transferId } = this.#task;
    const { id, owner } = request;
    return this.#node.incoming.acceptFetched({ id, owner, deadlineMs }, transferId, answer);
  }

  /** Returns the answer in a reply, if there is one. Notes a silent node, because it may have the stash. */
  #answerIn(reply: PeerReply<PeerAnswer>): PeerAnswer | undefined {
    if (reply.status === "answered") return reply.answer;
    if (reply.status === "silent") this.#isUnanswered = true;
    return undefined;
  }

  #fetchFrom(
    to: NodeName,
    ms: number,
    options: Partial<FetchRequest> = {},
  ): Promise<PeerReply<PeerAnswer>> {
    return within(ms, this.#signal, (signal) => this.#fetch(to, options, signal));
  }

  /** Asks one node for the stash; the request also confirms what was fetched from that node before. */
  async #fetch(
    to: NodeName,
    options: Partial<FetchRequest>,
    signal: AbortSignal,
  ): Promise<PeerReply<PeerAnswer>> {
    const { incoming } = this.#node;
    const confirmed = incoming.unconfirmedOf(to);
    const reply = await this.#node.ask(to, this.#requestOf({ ...options, confirmed }), signal);
    if (reply.status === "answered" && reply.answer !== undefined) incoming.forget(to, confirmed);
    return reply;
  }

  #requestOf(options: Partial<FetchRequest>): FetchRequest {
    const { request, transferId } = this.#task;
    const { id, owner } = request;
    return {
      kind: "fetch",
      asker: this.#node.name,
      transferId,
      id,
      owner,
      confirmed: [],
      ignoresForwardings: false,
      ...options,
    };
  }

  /** Whether the time is over. No node is asked any more then, so an absence is not certain. */
  get #isOver(): boolean {
    if (this.#signal.aborted) this.#isUnanswered = true;
    return this.#signal.aborted;
  }

  #leftMs(): number {
    const leastMs = LEAST_SHARE * this.#node.lookupTimeoutMs;
    return Math.max(leastMs, this.#endMs - performance.now());
  }
}

/** Returns the error of a lookup in which a node that may have the stash did not answer. */
export function unanswered(lookupTimeoutMs: number): StashError {
  return new StashError(
    "adapter_timeout",
    "Looking for a stash at other nodes: expected an answer of every node that may have the " +
      `stash within ${lookupTimeoutMs} ms, found one silent. The stash is found once that node ` +
      "answers, and given up once the node is gone or silent for `peerSilenceMs`. Check that all " +
      "nodes run and reach each other.",
  );
}

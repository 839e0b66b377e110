import type { LoadOutcome, LoadRequest } from "../store/adapter.ts";
import { StashError } from "../errors.ts";
import { startTimeLimit } from "../time-limit.ts";
import { keepGiven } from "./keep-given.ts";
import type { MemoryNode } from "./peer-node.ts";
import { firstReply, within } from "./bounded.ts";
import { restoreDeparture } from "./giving.ts";
import type { MoveNumber } from "./transfer.ts";
import type { PeerAnswer, TakeRequest } from "./messages.ts";
import type { NodeName, PeerReply } from "./peer-network.ts";
import type { Settlements } from "./confirmations.ts";

/**
 * Where a stash was found: in this process, where the browser's hint says, elsewhere, or nowhere.
 * `unanswered`: a node that may have it did not answer, so whether it is somewhere is not known.
 */
export type LookupSource = "local" | "hint" | "other" | "none" | "unanswered";

export interface LookupOutcome {
  /** `undefined` if the source is `unanswered`. */
  readonly outcome: LoadOutcome | undefined;
  readonly source: LookupSource;
}

/** After so long without an answer of the node of the hint, the others are asked as well, in ms. */
const HEDGE_MS = 50;
/** How often a stash is followed from node to node. */
const MAX_HOPS = 8;
/** A node is asked for at least this part of the time for a lookup, also if this process stood still. */
const LEAST_SHARE = 0.25;

/** A node says that the stash went to another one, with a move that is over if it is 0. */
interface Trail {
  readonly holder: NodeName;
  readonly to: NodeName;
  readonly move: MoveNumber;
}

const UNANSWERED: LookupOutcome = { outcome: undefined, source: "unanswered" };

/** Looks for one stash at other nodes and brings it here. */
export class Lookup {
  readonly #node: MemoryNode;
  readonly #settlements: Settlements;
  readonly #request: LoadRequest;
  readonly #deadlineMs: number;
  readonly #move: MoveNumber;
  readonly #signal: AbortSignal;
  readonly #untilMs: number;
  #found: LookupOutcome | undefined;
  /** A node that may have the stash was asked in vain, since all were asked the last time. */
  #isUnanswered = false;

  /** `deadlineMs` is that of the request, on the monotonic clock. */
  constructor(
    node: MemoryNode,
    settlements: Settlements,
    request: LoadRequest,
    deadlineMs: number,
    move: MoveNumber,
    signal: AbortSignal,
  ) {
    this.#node = node;
    this.#settlements = settlements;
    this.#request = request;
    this.#deadlineMs = deadlineMs;
    this.#move = move;
    this.#signal = signal;
    this.#untilMs = performance.now() + node.lookupTimeoutMs;
  }

  /**
   * Where the hint says, or where the stash is known to have gone; then everywhere; then once more. What
   * is here although the hint names another node may be a copy from before a freeze or a partition, which
   * the page has left behind: that node is asked first.
   */
  async run(hint: NodeName | undefined): Promise<LookupOutcome> {
    if (hint !== undefined && this.#node.store.has(this.#request.id)) {
      const newer = this.#answerIn(await this.#askFor(this.#leftMs() / 2, hint, {}));
      if (newer !== undefined && !this.#receive(newer, "hint") && newer.kind === "moved") {
        await this.#follow({ holder: hint, to: newer.to, move: newer.move }, "hint");
      }
      if (this.#found === undefined && this.#isUnanswered) return UNANSWERED;
      if (this.#found === undefined) this.#lookHere();
      if (this.#found !== undefined) return this.#found;
    }
    const trail = this.#trailFromHere();
    if (trail !== undefined) await this.#follow(trail, "hint");
    if (this.#found !== undefined) return this.#found;
    const isSure = await this.#lookAround(trail === undefined ? hint : undefined, false);
    if (this.#found === undefined && !isSure) {
      // All are asked anew: whoever was silent has another chance.
      this.#isUnanswered = false;
      // Again a trail led nowhere, and hid what the others say.
      if (!(await this.#lookAround(undefined, true))) this.#isUnanswered = true;
    }
    // A node that goes may have handed it over to this one in the meantime.
    if (this.#found === undefined) this.#lookHere();
    if (this.#found !== undefined) return this.#found;
    if (this.#isUnanswered) return UNANSWERED;
    return { outcome: { status: "absent" }, source: "none" };
  }

  #trailFromHere(): Trail | undefined {
    const { id } = this.#request;
    const { departures, moved, name } = this.#node;
    const departure = departures.get(id);
    if (departure !== undefined) return { holder: name, to: departure.to, move: departure.move };
    const to = moved.get(id);
    return to === undefined ? undefined : { holder: name, to, move: 0 };
  }

  /**
   * Asks the node of the hint, and all others if there is none or it does not know; or is slow. That
   * nothing was found is not sure if a trail led nowhere, as it may have hidden the answer of the node
   * that has the stash, and if the others were asked before the node of the hint had answered, as the
   * stash may have gone from it to them in between.
   */
  async #lookAround(hint: NodeName | undefined, isLast: boolean): Promise<boolean> {
    if (this.#isOver) return true;
    const ofHint = hint === undefined ? undefined : this.#ask(hint, {}, this.#signal);
    const early = ofHint && (await soon(ofHint, HEDGE_MS));
    const isSure = ofHint === undefined || early !== undefined;
    const asked =
      (early && this.#answerIn(early)) ??
      this.#answerIn(await this.#askOthers(hint, ofHint, isLast));
    // By now the node of the hint has replied too.
    if (asked === undefined) return isSure || (await ofHint)?.status === "gone";
    const source = asked.node === hint ? "hint" : "other";
    if (this.#receive(asked, source) || asked.kind !== "moved") return true;
    await this.#follow({ holder: asked.node, to: asked.to, move: asked.move }, source);
    return false;
  }

  /** The first who knows, of all others and the node of the hint. */
  #askOthers(
    hint: NodeName | undefined,
    ofHint: Promise<PeerReply<PeerAnswer>> | undefined,
    isLast: boolean,
  ): Promise<PeerReply<PeerAnswer>> {
    return within(this.#leftMs(), this.#signal, (signal) => {
      const settled = this.#node.arrivals.allUnsettled();
      const take = this.#take({ settled, isLast });
      const others = this.#node.askOthers(take, hint, signal);
      return firstReply(ofHint === undefined ? [others] : [ofHint, others]);
    });
  }

  /** Goes where the stash went. */
  async #follow(start: Trail, source: LookupSource): Promise<void> {
    let trail: Trail | undefined = start;
    for (let hops = 0; trail !== undefined && hops < MAX_HOPS; hops += 1) {
      if (this.#isOver) return;
      if (trail.to === this.#node.name) return this.#lookHere();
      const { holder, to, move }: Trail = trail;
      const follows = move === 0 ? undefined : { node: holder, move };
      // Half of the time that is left: if that node does not answer, the other half brings it back.
      const reply = await this.#askFor(this.#leftMs() / 2, to, { follows });
      const answer = this.#answerIn(reply);
      if (answer !== undefined && this.#receive(answer, source)) return;
      if (answer?.kind === "moved") trail = { holder: to, to: answer.to, move: answer.move };
      // Whoever is silent may have it, with a view that has saved since: the kept copy is none then.
      else if (move === 0 || reply.status === "silent") return;
      else trail = await this.#goBack(trail, source);
    }
    // It was not followed to its end.
    if (trail !== undefined) this.#isUnanswered = true;
  }

  /** The stash did not get to where it was given: whoever gave it still has it. */
  async #goBack({ holder, to, move }: Trail, source: LookupSource): Promise<Trail | undefined> {
    const node = this.#node;
    if (holder === node.name) {
      const departure = node.departures.get(this.#request.id);
      if (departure?.to === to && departure.move === move) restoreDeparture(node, departure);
      this.#lookHere();
      return this.#found === undefined ? this.#trailFromHere() : undefined;
    }
    const denied = { node: to, move };
    const answer = this.#answerIn(await this.#askFor(this.#leftMs(), holder, { denied }));
    if (answer === undefined || this.#receive(answer, source)) return undefined;
    return answer.kind === "moved" ? { holder, to: answer.to, move: answer.move } : undefined;
  }

  #lookHere(): void {
    const outcome = this.#node.store.load(this.#request, this.#deadlineMs);
    if (outcome.status !== "absent") this.#found = { outcome, source: "local" };
  }

  /** Whether the answer ends the search. A stash that is given is here from this moment on. */
  #receive(answer: PeerAnswer, source: LookupSource): boolean {
    switch (answer.kind) {
      case "given":
        this.#found = { outcome: this.#keep(answer), source };
        this.#settlements.schedule(answer.node);
        return true;
      case "superseded":
        this.#found = { outcome: { status: "superseded" }, source };
        return true;
      case "taken":
        this.#found = { outcome: { status: "absent" }, source: "none" };
        return true;
      default:
        return false;
    }
  }

  #keep(given: PeerAnswer & { readonly kind: "given" }): LoadOutcome {
    const { id, owner } = this.#request;
    return keepGiven(this.#node, { id, owner, deadlineMs: this.#deadlineMs }, this.#move, given);
  }

  /** The answer in a reply, if there is one; remembers if a node that may have the stash gave none. */
  #answerIn(reply: PeerReply<PeerAnswer>): PeerAnswer | undefined {
    if (reply.status === "answered") return reply.answer;
    if (reply.status === "silent") this.#isUnanswered = true;
    return undefined;
  }

  #askFor(ms: number, to: NodeName, options: Partial<TakeRequest>): Promise<PeerReply<PeerAnswer>> {
    return within(ms, this.#signal, (signal) => this.#ask(to, options, signal));
  }

  async #ask(
    to: NodeName,
    options: Partial<TakeRequest>,
    signal: AbortSignal,
  ): Promise<PeerReply<PeerAnswer>> {
    const { arrivals } = this.#node;
    const settled = arrivals.unsettled(to);
    const reply = await this.#node.ask(to, this.#take({ ...options, settled }), signal);
    if (reply.status === "answered" && reply.answer !== undefined) arrivals.settle(to, settled);
    return reply;
  }

  #take(options: Partial<TakeRequest>): TakeRequest {
    const { id, owner } = this.#request;
    const [asker, move] = [this.#node.name, this.#move];
    return { kind: "take", asker, move, id, owner, settled: [], isLast: false, ...options };
  }

  /** Then nobody is asked any more, so nothing more is known. */
  get #isOver(): boolean {
    if (this.#signal.aborted) this.#isUnanswered = true;
    return this.#signal.aborted;
  }

  /** The signal is what ends a lookup: it makes up for the time in which this process stood still. */
  #leftMs(): number {
    const leastMs = LEAST_SHARE * this.#node.lookupTimeoutMs;
    return Math.max(leastMs, this.#untilMs - performance.now());
  }
}

/** Says that a stash may be at a node that did not answer. */
export function unanswered(lookupTimeoutMs: number): StashError {
  return new StashError(
    "adapter_timeout",
    "Looking for a stash at other nodes: expected an answer of every node that may have it within " +
      `${lookupTimeoutMs} ms, found one silent. It is found once that node answers, and given up ` +
      "when it is gone or silent for `peerSilenceMs`. Check that all nodes run and reach each other.",
  );
}

/** The reply if it comes within `ms`; `undefined` if it takes longer. */
function soon<Reply>(asked: Promise<Reply>, ms: number): Promise<Reply | undefined> {
  return new Promise((resolve, reject) => {
    const endLimit = startTimeLimit(ms, () => resolve(undefined));
    asked.then(resolve, reject).finally(endLimit);
  });
}

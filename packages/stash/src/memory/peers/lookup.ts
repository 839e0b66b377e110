import type { LoadOutcome, LoadRequest } from "../../adapter.ts";
import { keepGiven } from "./keep-given.ts";
import type { MemoryNode } from "./memory-node.ts";
import { firstAnswer } from "./first-answer.ts";
import { restoreDeparture } from "./giving.ts";
import type { MoveNumber } from "./moves.ts";
import type { PeerAnswer } from "./peer-answer.ts";
import type { NodeName } from "./peer-network.ts";
import type { TakeRequest } from "./peer-request.ts";
import type { Settlements } from "./settlements.ts";
import { within } from "./within.ts";

/** Where a stash was found: in this process, where the browser's hint says, elsewhere, or nowhere. */
export type LookupSource = "local" | "hint" | "other" | "none";

export interface LookupOutcome {
  readonly outcome: LoadOutcome;
  readonly source: LookupSource;
}

/** After so long without an answer of the node of the hint, the others are asked as well, in ms. */
const HEDGE_MS = 50;
/** How often a stash is followed from node to node. */
const MAX_HOPS = 8;

/** A node says that the stash went to another one, with a move that is over if it is 0. */
interface Trail {
  readonly holder: NodeName;
  readonly to: NodeName;
  readonly move: MoveNumber;
}

/** Looks for one stash at other nodes and brings it here. */
export class Lookup {
  readonly #node: MemoryNode;
  readonly #settlements: Settlements;
  readonly #request: LoadRequest;
  readonly #move: MoveNumber;
  readonly #signal: AbortSignal;
  readonly #untilMs: number;
  #found: LookupOutcome | undefined;

  constructor(
    node: MemoryNode,
    settlements: Settlements,
    request: LoadRequest,
    move: MoveNumber,
    signal: AbortSignal,
  ) {
    this.#node = node;
    this.#settlements = settlements;
    this.#request = request;
    this.#move = move;
    this.#signal = signal;
    this.#untilMs = performance.now() + node.lookupTimeoutMs;
  }

  /** Where the hint says, or where the stash is known to have gone; then everywhere; then once more. */
  async run(hint: NodeName | undefined): Promise<LookupOutcome> {
    const trail = this.#trailFromHere();
    if (trail !== undefined) await this.#follow(trail, "hint");
    if (this.#found !== undefined) return this.#found;
    const isHinted = trail === undefined && hint !== undefined && hint !== this.#node.name;
    const isSure = await this.#lookAround(isHinted ? hint : undefined, false);
    if (this.#found === undefined && !isSure) await this.#lookAround(undefined, true);
    // A node that goes may have handed it over to this one in the meantime.
    if (this.#found === undefined) this.#lookHere();
    return this.#found ?? { outcome: { status: "absent" }, source: "none" };
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
    const asked = early?.answer ?? (await this.#askOthers(hint, ofHint, isLast));
    if (asked === undefined) return isSure;
    const source = asked.node === hint ? "hint" : "other";
    if (this.#receive(asked, source) || asked.kind !== "moved") return true;
    await this.#follow({ holder: asked.node, to: asked.to, move: asked.move }, source);
    return false;
  }

  /** The first who knows, of all others and the node of the hint. */
  #askOthers(
    hint: NodeName | undefined,
    ofHint: Promise<PeerAnswer | undefined> | undefined,
    isLast: boolean,
  ): Promise<PeerAnswer | undefined> {
    return within(this.#leftMs(), this.#signal, (signal) => {
      const settled = this.#node.arrivals.allUnsettled();
      const take = this.#take({ settled, isLast });
      const others = this.#node.askOthers(take, hint, signal);
      return firstAnswer(ofHint === undefined ? [others] : [ofHint, others]);
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
      const answer = await this.#askFor(this.#leftMs() / 2, to, { follows });
      if (answer !== undefined && this.#receive(answer, source)) return;
      if (answer?.kind === "moved") trail = { holder: to, to: answer.to, move: answer.move };
      else if (move === 0) return;
      else trail = await this.#goBack(trail, source);
    }
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
    const answer = await this.#askFor(this.#leftMs(), holder, { denied });
    if (answer === undefined || this.#receive(answer, source)) return undefined;
    return answer.kind === "moved" ? { holder, to: answer.to, move: answer.move } : undefined;
  }

  #lookHere(): void {
    const outcome = this.#node.store.load(this.#request);
    if (outcome.status !== "absent") this.#found = { outcome, source: "local" };
  }

  /** Whether the answer ends the search. A stash that is given is here from this moment on. */
  #receive(answer: PeerAnswer, source: LookupSource): boolean {
    switch (answer.kind) {
      case "given":
        this.#found = { outcome: keepGiven(this.#node, this.#request, this.#move, answer), source };
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

  #askFor(
    ms: number,
    to: NodeName,
    options: Partial<TakeRequest>,
  ): Promise<PeerAnswer | undefined> {
    return within(ms, this.#signal, (signal) => this.#ask(to, options, signal));
  }

  async #ask(
    to: NodeName,
    options: Partial<TakeRequest>,
    signal: AbortSignal,
  ): Promise<PeerAnswer | undefined> {
    const { arrivals } = this.#node;
    const settled = arrivals.unsettled(to);
    const answer = await this.#node.ask(to, this.#take({ ...options, settled }), signal);
    if (answer !== undefined) arrivals.settle(to, settled);
    return answer;
  }

  #take(options: Partial<TakeRequest>): TakeRequest {
    const { id, owner } = this.#request;
    const [asker, move] = [this.#node.name, this.#move];
    return { kind: "take", asker, move, id, owner, settled: [], isLast: false, ...options };
  }

  /** Timers take whole ms and may end within the last one: what is left of it is no time to ask in. */
  get #isOver(): boolean {
    return this.#signal.aborted || this.#leftMs() < 1;
  }

  #leftMs(): number {
    return Math.max(0, this.#untilMs - performance.now());
  }
}

/** What was answered within so many ms, even if it is nothing; `undefined` if it takes longer. */
function soon<Answer>(
  asked: Promise<Answer>,
  ms: number,
): Promise<{ readonly answer: Answer } | undefined> {
  return new Promise((resolve, reject) => {
    // An answer that came while this process was busy is still read.
    const timer = setTimeout(() => setImmediate(resolve, undefined), ms);
    asked.then(
      (answer) => {
        clearTimeout(timer);
        resolve({ answer });
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}

import { setMaxListeners } from "node:events";
import { MAX_TIMER_MS } from "../option-checks.ts";
import type {
  ForgetOutcome,
  ForgetRequest,
  KeepAliveOutcome,
  KeepAliveRequest,
  LoadOutcome,
  LoadRequest,
  MaybePromise,
  SaveOutcome,
  SaveRequest,
  StashId,
} from "../store/adapter.ts";
import { within } from "./bounded.ts";
import { checkOutgoing, Confirmations } from "./confirmations.ts";
import { handOver, type HandOverResult, type HandOverSettings } from "./hand-over.ts";
import { type LookupSource, lookUp, unanswered } from "./lookup.ts";
import { nodeNameOf } from "./messages.ts";
import type { NodeName } from "./peer-network.ts";
import { PeerNode, type PeerNodeOptions } from "./peer-node.ts";
import { servePeer } from "./serve-peer.ts";
import { pauseForSilence } from "./silence.ts";

/** The bytes of a node's name in tokens: its 64 random bits. */
const HINT_BYTES = 8;

/** The store of one process, which moves stashes from its peers to its pages. */
export class PeeredStore {
  readonly node: PeerNode;
  readonly #confirmations: Confirmations;
  readonly #nodeHint: Buffer;
  readonly #closing = new AbortController();
  readonly #found: Record<LookupSource, number> = {
    local: 0,
    hint: 0,
    other: 0,
    none: 0,
    unanswered: 0,
  };

  constructor(options: PeerNodeOptions) {
    this.node = new PeerNode(options);
    this.#confirmations = new Confirmations(this.node);
    this.#nodeHint = nodeNameOf(this.node.name);
    // One listener for each running lookup.
    setMaxListeners(0, this.#closing.signal);
  }

  /** Starts answering peers. */
  async open(): Promise<void> {
    const { node } = this;
    await node.network.open(node.name, (request) => servePeer(node, request));
  }

  save(request: SaveRequest): SaveOutcome {
    if (this.#isElsewhere(request.id)) return { status: "not_owner" };
    const outcome = this.node.store.save(request);
    // The token of an existing stash has a hint already, and an old one costs a lookup one more
    // message at most.
    return outcome.status === "saved" && request.create
      ? { status: "saved", adapterData: this.#nodeHint }
      : outcome;
  }

  load(
    request: LoadRequest,
    deadlineMs = this.node.store.deadlineOf(request.expiresAtMs),
  ): MaybePromise<LoadOutcome> {
    const running = this.node.fetches.ofStash(request.id);
    if (running !== undefined) return running.then(() => this.load(request, deadlineMs));
    if (this.#mayBeNewerElsewhere(request)) return this.#fetch(request, deadlineMs);
    const outcome = this.node.store.load(request, deadlineMs);
    if (outcome.status === "absent") return this.#fetch(request, deadlineMs);
    this.#found.local += 1;
    return this.#withHint(request, outcome);
  }

  keepAlive(request: KeepAliveRequest): KeepAliveOutcome {
    return this.#isElsewhere(request.id) ? "not_owner" : this.node.store.keepAlive(request);
  }

  forget(request: ForgetRequest): ForgetOutcome {
    return this.#isElsewhere(request.id) ? "not_owner" : this.node.store.forget(request);
  }

  /** Calls back when a transfer from this node begins: sweeps have work from then on. */
  onOutgoing(callback: () => void): void {
    this.node.outgoing.onBegin = callback;
  }

  /** Whether a later sweep may have work. */
  get needsSweep(): boolean {
    return this.node.outgoing.size > 0;
  }

  /** Asks the receivers of transfers that are unconfirmed for long. */
  sweep(): void {
    const { outgoing, incoming, monotonicNow } = this.node;
    outgoing.prune();
    incoming.prune();
    void checkOutgoing(this.node, outgoing.overdue(monotonicNow()));
  }

  async handOver(settings: HandOverSettings, signal: AbortSignal): Promise<HandOverResult> {
    // A holder that does not know that its stash has arrived would restore it once this node is
    // gone.
    while (!(await this.#confirmations.flush()) && !signal.aborted) await pauseForSilence(signal);
    // A signal of its own, since each peer adds a listener, and the caller's signal warns of more
    // than 10.
    return within(MAX_TIMER_MS, signal, (limit) => handOver(this.node, settings, limit));
  }

  figures(): PeerFigures {
    const { incoming, outgoing } = this.node;
    return {
      movedIn: incoming.movedIn,
      movedOut: outgoing.movedOut,
      handedOver: outgoing.handedOver,
      unconfirmed: outgoing.size,
      forwardings: outgoing.forwardings,
      lookups: { ...this.#found },
    };
  }

  /** Ends running lookups, which reject, and stops answering peers. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#confirmations.stop();
    await this.#confirmations.flush();
    await this.node.network.close();
  }

  /** Whether the stash is here although the page was on another node since, which may have a newer state. */
  #mayBeNewerElsewhere({ id, adapterData }: LoadRequest): boolean {
    return this.#otherNodeIn(adapterData) !== undefined && this.node.store.has(id);
  }

  /** Returns the node that the token names, unless it is this one. */
  #otherNodeIn(nodeHint: Uint8Array): NodeName | undefined {
    if (nodeHint.length !== HINT_BYTES || this.#nodeHint.equals(nodeHint)) return undefined;
    return Buffer.from(nodeHint).toString("base64url");
  }

  /** Whether the stash went to another node: a view there owns it now. */
  #isElsewhere(id: StashId): boolean {
    return this.node.outgoing.forwardingOf(id) !== undefined;
  }

  async #fetch(request: LoadRequest, deadlineMs: number): Promise<LoadOutcome> {
    const { node } = this;
    const hint = this.#otherNodeIn(request.adapterData);
    const task = { request, deadlineMs, transferId: node.transferIds.nextFetch(), hint };
    const { outcome, source } = await node.fetches.run(request.id, task.transferId, () =>
      lookUp(node, this.#confirmations, task, this.#closing.signal),
    );
    this.#found[source] += 1;
    if (outcome === undefined) throw unanswered(node.lookupTimeoutMs);
    return this.#withHint(request, outcome);
  }

  #withHint({ adapterData }: LoadRequest, outcome: LoadOutcome): LoadOutcome {
    if (outcome.status !== "loaded" || this.#nodeHint.equals(adapterData)) return outcome;
    return { ...outcome, adapterData: this.#nodeHint };
  }
}

/** The transfers of a node since its start, and its current knowledge of them. */
export interface PeerFigures {
  /** Stashes that came from other nodes. */
  readonly movedIn: number;
  /** Stashes that went to other nodes, including those that were handed over. */
  readonly movedOut: number;
  /** Stashes that other nodes accepted before this one stops. */
  readonly handedOver: number;
  /** Stashes that were sent to other nodes, which have not confirmed them yet. */
  readonly unconfirmed: number;
  /** Stashes whose present node is remembered, so that others are forwarded there. */
  readonly forwardings: number;
  /**
   * Recoveries by the place of the stash: this node, the node of the browser's hint, another node,
   * or none. `unanswered`: unknown, because a node that may have the stash did not answer.
   */
  readonly lookups: Readonly<Record<LookupSource, number>>;
}

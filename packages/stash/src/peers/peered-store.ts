import { setMaxListeners } from "node:events";
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
import { MAX_TIMER_MS } from "../option-checks.ts";
import { answerPeer } from "./serve-peer.ts";
import { checkDepartures, Settlements } from "./confirmations.ts";
import { handOver, type HandOverResult, type HandOverSettings, shortPause } from "./hand-over.ts";
import { Lookup, type LookupOutcome, type LookupSource, unanswered } from "./lookup.ts";
import { MemoryNode, type MemoryNodeOptions } from "./peer-node.ts";
import { nodeNameOf } from "./messages.ts";
import type { NodeName } from "./peer-network.ts";
import { within } from "./bounded.ts";
import { channels, type PeerLookupEvent } from "../channels.ts";

/** How many bytes a node's name has in what browsers carry. */
const HINT_BYTES = 8;

/** The stashes of one process, and the way to those of its peers. */
export class PeeredStore {
  readonly node: MemoryNode;
  readonly #settlements: Settlements;
  readonly #hint: Buffer;
  readonly #closing = new AbortController();
  readonly #found: Record<LookupSource, number> = {
    local: 0,
    hint: 0,
    other: 0,
    none: 0,
    unanswered: 0,
  };

  constructor(options: MemoryNodeOptions) {
    this.node = new MemoryNode(options);
    this.#settlements = new Settlements(this.node);
    this.#hint = nodeNameOf(this.node.name);
    // As many as there are lookups under way listen to it.
    setMaxListeners(0, this.#closing.signal);
  }

  /** Begins to answer peers. */
  async open(): Promise<void> {
    const { node } = this;
    await node.network.open(node.name, (request) => answerPeer(node, request));
  }

  save(request: SaveRequest): SaveOutcome {
    if (this.#isElsewhere(request.id)) return { status: "not_owner" };
    const outcome = this.node.store.save(request);
    // A string that is there already has a hint, and says where to begin at most.
    return outcome.status === "saved" && request.create
      ? { status: "saved", adapterData: this.#hint }
      : outcome;
  }

  load(
    request: LoadRequest,
    deadlineMs = this.node.store.deadlineOf(request.expiresAtMs),
  ): MaybePromise<LoadOutcome> {
    const pending = this.node.fetches.ofStash(request.id);
    if (pending !== undefined) return pending.then(() => this.load(request, deadlineMs));
    if (this.#isLeftBehind(request)) return this.#fetch(request, deadlineMs);
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

  /** Calls back when something begins to leave, from when on sweeps have something to do. */
  onDeparture(callback: () => void): void {
    this.node.departures.onAdd = callback;
  }

  /** Whether a later sweep may have something to do. */
  get needsSweep(): boolean {
    return this.node.departures.size > 0;
  }

  /** Asks about what was given away and not heard of since. */
  sweep(): void {
    const { departures, monotonicNow, moved, arrivals } = this.node;
    moved.prune();
    arrivals.prune();
    void checkDepartures(this.node, departures.overdue(monotonicNow()));
  }

  async handOver(settings: HandOverSettings, signal: AbortSignal): Promise<HandOverResult> {
    // A node that does not know that its stash came here would give it once more when this one is gone.
    while (!(await this.#settlements.flush()) && !signal.aborted) await shortPause(signal);
    // Listened to for each peer, which is more than the caller's own signal may expect.
    return within(MAX_TIMER_MS, signal, (limit) => handOver(this.node, settings, limit));
  }

  figures(): PeerFigures {
    const { departures, moved, counts } = this.node;
    const { size: departing } = departures;
    return { ...counts, departing, remembered: moved.size, lookups: { ...this.#found } };
  }

  /** Lookups under way reject. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#settlements.stop();
    await this.#settlements.flush();
    await this.node.network.close();
  }

  /** It is here, but the page was at another node since: that one may have a newer copy. */
  #isLeftBehind({ id, adapterData }: LoadRequest): boolean {
    return this.#hintOf(adapterData) !== undefined && this.node.store.has(id);
  }

  /** The other node that the browser's string names. */
  #hintOf(adapterData: Uint8Array): NodeName | undefined {
    if (adapterData.length !== HINT_BYTES || this.#hint.equals(adapterData)) return undefined;
    return Buffer.from(adapterData).toString("base64url");
  }

  /** Given away: to a view on another node, which is its owner now. */
  #isElsewhere(id: StashId): boolean {
    return this.node.departures.has(id) || this.node.moved.get(id) !== undefined;
  }

  async #fetch(request: LoadRequest, deadlineMs: number): Promise<LoadOutcome> {
    const { node } = this;
    const move = node.moves.take();
    const { outcome, source } = await node.fetches.run(request.id, move, () =>
      traceLookup(() =>
        within(node.lookupTimeoutMs, this.#closing.signal, (signal) =>
          new Lookup(node, this.#settlements, request, deadlineMs, move, signal).run(
            this.#hintOf(request.adapterData),
          ),
        ),
      ),
    );
    this.#found[source] += 1;
    if (outcome === undefined) throw unanswered(node.lookupTimeoutMs);
    return this.#withHint(request, outcome);
  }

  #withHint({ adapterData }: LoadRequest, outcome: LoadOutcome): LoadOutcome {
    if (outcome.status !== "loaded" || this.#hint.equals(adapterData)) return outcome;
    return { ...outcome, adapterData: this.#hint };
  }
}

/** What came from other nodes and went to them since the start, and what is known about it. */
export interface PeerFigures {
  /** Stashes that came from other nodes. */
  readonly movedIn: number;
  /** Stashes that went to other nodes, with those that were handed over. */
  readonly movedOut: number;
  /** Stashes that other nodes took when this one was going. */
  readonly handedOver: number;
  /** Stashes that are on their way to other nodes. */
  readonly departing: number;
  /** Stashes of which it is remembered where they went. */
  readonly remembered: number;
  /**
   * Recoveries, by where the stash was: here, where the browser's hint said, elsewhere, or nowhere.
   * `unanswered`: not known, as a node that may have it did not answer.
   */
  readonly lookups: Readonly<Record<LookupSource, number>>;
}

/** Publishes what a lookup at other nodes comes to. */
async function traceLookup(lookup: () => Promise<LookupOutcome>): Promise<LookupOutcome> {
  if (!channels.peerLookup.hasSubscribers) return lookup();
  const startedMs = performance.now();
  const found = await lookup();
  const event: PeerLookupEvent = {
    source: found.source,
    status: found.outcome?.status ?? "unanswered",
    durationMs: performance.now() - startedMs,
  };
  channels.peerLookup.publish(event);
  return found;
}

import { randomBytes } from "node:crypto";
import type { MemoryStore } from "../memory/memory-store.ts";
import { IncomingTransfers, RunningFetches } from "./incoming.ts";
import { decodeAnswer, encodeRequest, type PeerAnswer, type PeerRequest } from "./messages.ts";
import { OutgoingTransfers } from "./outgoing.ts";
import type { NodeName, PeerNetwork, PeerReply } from "./peer-network.ts";
import { goneIfSilentFor } from "./silence.ts";
import { TransferIds } from "./transfer.ts";

export interface PeerNodeOptions {
  readonly store: MemoryStore;
  readonly network: PeerNetwork;
  /** A clock in ms that is never set. */
  readonly monotonicNow: () => number;
  /** The longest time of a lookup, in ms. */
  readonly lookupTimeoutMs: number;
  /** The time after which a silent node counts as gone, in ms. */
  readonly peerSilenceMs: number;
}

/**
 * The least time before the receiver of an unconfirmed transfer is asked, in ms. By then the
 * receiver's lookup has ended and its confirmation has had its time, also where `lookupTimeoutMs`
 * is short.
 */
const MIN_CHECK_AFTER_MS = 2_000;
/**
 * The least time for which incoming transfers are remembered, in ms. A holder that was frozen asks
 * late, and a transfer that this node had forgotten would be restored there: one hour is longer
 * than such a pause.
 */
const MIN_REMEMBERED_MS = 3_600_000;

/** One process among its peers: its store, its transfers, and its requests to other nodes. */
export class PeerNode {
  readonly name: NodeName = randomBytes(8).toString("base64url");
  readonly store: MemoryStore;
  readonly network: PeerNetwork;
  readonly monotonicNow: () => number;
  readonly lookupTimeoutMs: number;
  readonly transferIds = new TransferIds();
  readonly outgoing: OutgoingTransfers;
  readonly incoming: IncomingTransfers;
  readonly fetches = new RunningFetches();
  /** This node hands over its stashes, so it accepts no offers. */
  isLeaving = false;

  readonly #checkAfterMs: number;
  readonly #peerSilenceMs: number;

  constructor(options: PeerNodeOptions) {
    const { store, network, monotonicNow, lookupTimeoutMs, peerSilenceMs } = options;
    this.store = store;
    this.network = network;
    this.monotonicNow = monotonicNow;
    this.lookupTimeoutMs = lookupTimeoutMs;
    this.#peerSilenceMs = peerSilenceMs;
    // Twice the time of a lookup and a confirmation, which take at most `lookupTimeoutMs` each.
    this.#checkAfterMs = Math.max(MIN_CHECK_AFTER_MS, 4 * lookupTimeoutMs);
    this.outgoing = new OutgoingTransfers(store, monotonicNow);
    const rememberedMs = Math.max(MIN_REMEMBERED_MS, 2 * this.#checkAfterMs);
    this.incoming = new IncomingTransfers(store, this.outgoing, monotonicNow, rememberedMs);
  }

  /** Returns when to ask the receiver of a transfer that begins now, should it not confirm. */
  nextCheckMs(): number {
    return this.monotonicNow() + this.#checkAfterMs;
  }

  /** Asks one node. The answer is `undefined` if that node has none, or speaks another version. */
  async ask(
    to: NodeName,
    request: PeerRequest,
    signal: AbortSignal,
  ): Promise<PeerReply<PeerAnswer>> {
    return this.#read(await this.network.ask(to, encodeRequest(request), signal));
  }

  /** Asks all other nodes, except one, for the first answer. */
  async askOthers(
    request: PeerRequest,
    except: NodeName | undefined,
    signal: AbortSignal,
  ): Promise<PeerReply<PeerAnswer>> {
    return this.#read(await this.network.askOthers(encodeRequest(request), except, signal));
  }

  /** Decodes an answer. A node that has been silent for `peerSilenceMs` counts as gone. */
  #read(reply: PeerReply): PeerReply<PeerAnswer> {
    if (reply.status !== "answered") return goneIfSilentFor(this.#peerSilenceMs, reply);
    const { answer } = reply;
    return { status: "answered", answer: answer && decodeAnswer(answer) };
  }
}

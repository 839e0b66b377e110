import { randomBytes } from "node:crypto";
import type { MemoryStore } from "../memory/memory-store.ts";
import { Arrivals, Fetches } from "./incoming.ts";
import { Departures, MovedStashes } from "./outgoing.ts";
import { createMoveNumbers } from "./transfer.ts";
import { decodeAnswer, encodeRequest, type PeerAnswer, type PeerRequest } from "./messages.ts";
import type { NodeName, PeerNetwork, PeerReply } from "./peer-network.ts";

export interface MemoryNodeOptions {
  readonly store: MemoryStore;
  readonly network: PeerNetwork;
  /** A clock in ms that nobody sets. */
  readonly monotonicNow: () => number;
  /** The longest that a stash is looked for, in ms. */
  readonly lookupTimeoutMs: number;
  /** How long a node is silent before it is taken to be gone, in ms. */
  readonly peerSilenceMs: number;
}

const GONE = { status: "gone" } as const;

/** The least time after which a node is asked what became of the stash that it was given, in ms. */
const MIN_LEASE_MS = 2_000;
/** How long it remembers at least what came, in ms: a node that was frozen for long asks late. */
const MIN_REMEMBERED_MS = 3_600_000;

/** One process among its peers: what it has, what left it, what comes to it, and how it asks others. */
export class MemoryNode {
  readonly name: NodeName = randomBytes(8).toString("base64url");
  readonly store: MemoryStore;
  readonly network: PeerNetwork;
  readonly monotonicNow: () => number;
  readonly lookupTimeoutMs: number;
  readonly moves = createMoveNumbers();
  readonly departures = new Departures();
  readonly moved: MovedStashes;
  readonly arrivals: Arrivals;
  readonly fetches = new Fetches();
  readonly counts = { movedIn: 0, movedOut: 0, handedOver: 0 };
  /** It hands over what it has, so it takes nothing that it is offered. */
  isLeaving = false;

  readonly #leaseMs: number;
  readonly #peerSilenceMs: number;

  constructor(options: MemoryNodeOptions) {
    const { store, network, monotonicNow, lookupTimeoutMs, peerSilenceMs } = options;
    this.store = store;
    this.network = network;
    this.monotonicNow = monotonicNow;
    this.lookupTimeoutMs = lookupTimeoutMs;
    this.#peerSilenceMs = peerSilenceMs;
    this.#leaseMs = Math.max(MIN_LEASE_MS, 4 * lookupTimeoutMs);
    this.moved = new MovedStashes(monotonicNow);
    this.arrivals = new Arrivals(monotonicNow, Math.max(MIN_REMEMBERED_MS, 2 * this.#leaseMs));
  }

  leaseUntilMs(): number {
    return this.monotonicNow() + this.#leaseMs;
  }

  /** Answered with `undefined`: it has nothing to say, or does not speak as this node does. */
  async ask(
    to: NodeName,
    request: PeerRequest,
    signal: AbortSignal,
  ): Promise<PeerReply<PeerAnswer>> {
    return this.#read(await this.network.ask(to, encodeRequest(request), signal));
  }

  async askOthers(
    request: PeerRequest,
    except: NodeName | undefined,
    signal: AbortSignal,
  ): Promise<PeerReply<PeerAnswer>> {
    return this.#read(await this.network.askOthers(encodeRequest(request), except, signal));
  }

  /** A node that has been silent for long enough is taken to be gone. */
  #read(reply: PeerReply): PeerReply<PeerAnswer> {
    if (reply.status === "silent") return reply.silentMs < this.#peerSilenceMs ? reply : GONE;
    if (reply.status === "gone") return GONE;
    const { answer } = reply;
    return { status: "answered", answer: answer && decodeAnswer(answer) };
  }
}

import { randomBytes } from "node:crypto";
import type { Clock } from "../../options.ts";
import type { MemoryStore } from "../memory-store.ts";
import { Arrivals } from "./arrivals.ts";
import { Departures } from "./departures.ts";
import { Fetches } from "./fetches.ts";
import { MovedStashes } from "./moved-stashes.ts";
import { createMoveNumbers } from "./moves.ts";
import { decodeAnswer, type PeerAnswer } from "./peer-answer.ts";
import type { NodeName, PeerNetwork } from "./peer-network.ts";
import { encodeRequest, type PeerRequest } from "./peer-request.ts";

export interface MemoryNodeOptions {
  readonly store: MemoryStore;
  readonly network: PeerNetwork;
  readonly clock: Clock;
  /** The longest that a stash is looked for, in ms. */
  readonly lookupTimeoutMs: number;
}

/** The least time after which a node is asked what became of the stash that it was given, in ms. */
const MIN_LEASE_MS = 2_000;
/** So long it remembers at least what came, in ms: a node that was frozen for a while asks late. */
const MIN_REMEMBERED_MS = 300_000;

/** One process among its peers: what it has, what left it, what comes to it, and how it asks others. */
export class MemoryNode {
  readonly name: NodeName = randomBytes(8).toString("base64url");
  readonly store: MemoryStore;
  readonly network: PeerNetwork;
  readonly clock: Clock;
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

  constructor({ store, network, clock, lookupTimeoutMs }: MemoryNodeOptions) {
    this.store = store;
    this.network = network;
    this.clock = clock;
    this.lookupTimeoutMs = lookupTimeoutMs;
    this.#leaseMs = Math.max(MIN_LEASE_MS, 4 * lookupTimeoutMs);
    this.moved = new MovedStashes(clock);
    this.arrivals = new Arrivals(clock, Math.max(MIN_REMEMBERED_MS, 2 * this.#leaseMs));
  }

  leaseUntilMs(): number {
    return this.clock.now() + this.#leaseMs;
  }

  /** `undefined`: it has nothing to say, or does not speak as this node does. */
  async ask(
    to: NodeName,
    request: PeerRequest,
    signal: AbortSignal,
  ): Promise<PeerAnswer | undefined> {
    const answer = await this.network.ask(to, encodeRequest(request), signal);
    return answer === undefined ? undefined : decodeAnswer(answer);
  }

  async askOthers(
    request: PeerRequest,
    except: NodeName | undefined,
    signal: AbortSignal,
  ): Promise<PeerAnswer | undefined> {
    const answer = await this.network.askOthers(encodeRequest(request), except, signal);
    return answer === undefined ? undefined : decodeAnswer(answer);
  }
}

import { randomBytes } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  createMemoryAdapter,
  type MemoryAdapter,
  type MemoryAdapterOptions,
} from "../src/index.ts";
import type { LoadOutcome } from "../src/adapter.ts";
import type { NodeName } from "../src/peers.ts";
import { decodeAnswer, decodeRequest } from "../src/peers/messages.ts";
import { TestClock } from "./fake-page.ts";
import { PeerHub } from "./peer-hub.ts";

export const RECORD = new Uint8Array(400).fill(7);
const TTL_MS = 300_000;

/** What a message is: a request or an answer of the protocol between memory adapters. */
type KindOfMessage = (kind: string) => boolean;

function kindOf(message: Uint8Array, way: "request" | "answer"): string {
  return (way === "request" ? decodeRequest(message) : decodeAnswer(message))?.kind ?? "unknown";
}

/** Memory adapters that reach each other over a network which the test is the master of. */
export class PeerCluster {
  readonly clock = new TestClock();
  readonly hub = new PeerHub();
  readonly ttlMs = TTL_MS;
  readonly #nodes: MemoryAdapter[] = [];
  readonly #byName = new Map<NodeName, MemoryAdapter>();
  readonly #frozen = new Map<MemoryAdapter, Promise<boolean>>();

  join(options: MemoryAdapterOptions = {}): MemoryAdapter {
    const { clock } = this;
    let name: NodeName = "";
    const network = this.hub.join((own) => (name = own));
    const node = createMemoryAdapter({ clock, peers: network, lookupTimeoutMs: 5_000, ...options });
    this.#nodes.push(node);
    this.#byName.set(name, node);
    return node;
  }

  async close(): Promise<void> {
    this.hub.delivery = () => true;
    await Promise.all(this.#nodes.map((node) => node.close()));
  }

  newId(): string {
    return randomBytes(16).toString("base64url");
  }

  ownerOf(order: number, name = "view"): string {
    return `${String(order).padStart(10, "0")}${name}`;
  }

  /** A stash of a view that has ended; answers the hint. */
  async create(node: MemoryAdapter, id: string, owner = this.ownerOf(1)): Promise<Uint8Array> {
    const request = { id, owner, record: RECORD, create: true, expiresAtMs: this.#farMs() };
    const saved = await node.save(request);
    if (saved.status === "saved" && saved.adapterData !== undefined) return saved.adapterData;
    throw new Error(`Creating a stash: expected it saved with a hint, found ${saved.status}.`);
  }

  async load(
    node: MemoryAdapter,
    id: string,
    adapterData: Uint8Array,
    owner = this.ownerOf(2),
  ): Promise<LoadOutcome> {
    return node.load({ id, adapterData, owner, expiresAtMs: this.#farMs() });
  }

  async keep(node: MemoryAdapter, id: string, owner: string): Promise<string | undefined> {
    const [outcome] = await node.keepAlive([{ id, owner, expiresAtMs: this.#farMs() }]);
    return outcome;
  }

  /** Of all nodes. */
  get entries(): number {
    return this.#nodes.reduce((sum, node) => sum + node.figures().entries, 0);
  }

  /** Time passes until every node that was given something has said so, or was asked. */
  async settle(): Promise<void> {
    const isSettled = (): boolean =>
      this.#nodes.every((node) => node.figures().peers?.unconfirmed === 0);
    while (!isSettled()) {
      this.clock.advance(20_000);
      for (const node of this.#nodes) node.sweep();
      for (let turns = 0; turns < 50 && !isSettled(); turns += 1) await nextTurn();
    }
  }

  /** Messages overtake each other, in an order that the seed decides. */
  delayMessages(seed: number): void {
    let state = seed;
    this.hub.delivery = async () => {
      state = (state * 48_271) % 2_147_483_647;
      for (let turns = state % 4; turns > 0; turns -= 1) await nextTurn();
      return true;
    };
  }

  /**
   * From now on messages to and from this node are held back, as with a process that stands still, until
   * the function that is returned is called. Then they arrive in their order, also those that nobody waits
   * for any more.
   */
  freeze(node: MemoryAdapter): () => void {
    let thaw: (isDelivered: boolean) => void = () => {};
    this.#frozen.set(node, new Promise((resolve) => (thaw = resolve)));
    this.hub.delivery = (from, to) => this.#frozenOf(from) ?? this.#frozenOf(to) ?? true;
    return () => {
      this.#frozen.delete(node);
      thaw(true);
    };
  }

  #frozenOf(name: NodeName): Promise<boolean> | undefined {
    const node = this.#byName.get(name);
    return node && this.#frozen.get(node);
  }

  /** From now on these messages do not arrive. */
  lose(isLost: KindOfMessage): void {
    this.hub.delivery = (_from, _to, message, way) => !isLost(kindOf(message, way));
  }

  /**
   * Holds the first of these messages back until `letGo`, which delivers or loses it. `held` resolves
   * with the node that it is for.
   */
  hold(isHeld: KindOfMessage): {
    readonly held: Promise<MemoryAdapter>;
    letGo(isDelivered: boolean): void;
  } {
    let letGo: (isDelivered: boolean) => void = () => {};
    let tell: (receiver: MemoryAdapter) => void = () => {};
    const fate = new Promise<boolean>((resolve) => (letGo = resolve));
    const held = new Promise<MemoryAdapter>((resolve) => (tell = resolve));
    let isFirst = true;
    this.hub.delivery = (_from, to, message, way) => {
      const receiver = this.#byName.get(to);
      if (!isFirst || receiver === undefined || !isHeld(kindOf(message, way))) return true;
      isFirst = false;
      tell(receiver);
      return fate;
    };
    return { held, letGo };
  }

  #farMs(): number {
    return this.clock.now() + TTL_MS;
  }
}

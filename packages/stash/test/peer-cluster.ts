import { randomBytes } from "node:crypto";
import { setImmediate as nextTick } from "node:timers/promises";
import {
  createMemoryAdapter,
  type MemoryAdapter,
  type MemoryAdapterOptions,
} from "../src/index.ts";
import type { LoadOutcome } from "../src/entries/adapter.ts";
import type { NodeName } from "../src/entries/peers.ts";
import { decodeAnswer, decodeRequest } from "../src/peers/messages.ts";
import { TestClock } from "./fake-page.ts";
import { PeerHub } from "./peer-hub.ts";

export const RECORD = new Uint8Array(400).fill(7);
const TTL_MS = 300_000;

/** A stash, as a page's token refers to it. */
export interface StashRef {
  readonly id: string;
  adapterData: Uint8Array;
}

/** Selects messages by the kind of their request or answer. */
type SelectKind = (kind: string) => boolean;

function kindOf(message: Uint8Array, direction: "request" | "answer"): string {
  const decoded = direction === "request" ? decodeRequest(message) : decodeAnswer(message);
  return decoded?.kind ?? "unknown";
}

/** Memory adapters whose network the test controls. */
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

  /** Creates a stash of a view that has ended; returns the adapter's part of its token. */
  async create(node: MemoryAdapter, id: string, owner = this.ownerOf(1)): Promise<Uint8Array> {
    const request = { id, owner, record: RECORD, create: true, expiresAtMs: this.#farMs() };
    const saved = await node.save(request);
    if (saved.status === "saved" && saved.adapterData !== undefined) return saved.adapterData;
    throw new Error(`Creating a stash: expected it saved with a hint, found ${saved.status}.`);
  }

  async createOne(node: MemoryAdapter): Promise<StashRef> {
    const id = this.newId();
    return { id, adapterData: await this.create(node, id) };
  }

  async createMany(node: MemoryAdapter, count: number): Promise<StashRef[]> {
    const stashes: StashRef[] = [];
    for (let left = count; left > 0; left -= 1) stashes.push(await this.createOne(node));
    return stashes;
  }

  async load(
    node: MemoryAdapter,
    id: string,
    adapterData: Uint8Array,
    owner = this.ownerOf(2),
  ): Promise<LoadOutcome> {
    return node.load({ id, adapterData, owner, expiresAtMs: this.#farMs() });
  }

  async keepAlive(node: MemoryAdapter, id: string, owner: string): Promise<string | undefined> {
    const [outcome] = await node.keepAlive([{ id, owner, expiresAtMs: this.#farMs() }]);
    return outcome;
  }

  /** The number of stashes on all nodes. */
  get entries(): number {
    return this.entriesOf(...this.#nodes).reduce((sum, entries) => sum + entries, 0);
  }

  entriesOf(...nodes: readonly MemoryAdapter[]): number[] {
    return nodes.map((node) => node.figures().entries);
  }

  /** Lets time pass until every transfer is confirmed or its copy restored. */
  async settleTransfers(): Promise<void> {
    const areSettled = (): boolean =>
      this.#nodes.every((node) => node.figures().peers?.unconfirmed === 0);
    while (!areSettled()) {
      this.clock.advance(20_000);
      for (const node of this.#nodes) node.sweep();
      for (let ticks = 0; ticks < 50 && !areSettled(); ticks += 1) await nextTick();
    }
  }

  /** From now on messages overtake each other, in an order that the seed decides. */
  delayMessages(seed: number): void {
    let state = seed;
    this.hub.delivery = async () => {
      state = (state * 48_271) % 2_147_483_647;
      for (let ticks = state % 4; ticks > 0; ticks -= 1) await nextTick();
      return true;
    };
  }

  /**
   * From now on messages to and from this node are held back, as by a process that is frozen, until
   * the returned function is called. Then all of them arrive in order, even if their sender has
   * stopped waiting.
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
  lose(isLost: SelectKind): void {
    this.hub.delivery = (_from, _to, message, direction) => !isLost(kindOf(message, direction));
  }

  /**
   * Holds back the first of these messages until `release` delivers or loses it. `receiver`
   * resolves with the node that the message is for, once the message has been sent.
   */
  holdBack(isHeldBack: SelectKind): {
    readonly receiver: Promise<MemoryAdapter>;
    release(isDelivered: boolean): void;
  } {
    let release: (isDelivered: boolean) => void = () => {};
    let onSent: (receiver: MemoryAdapter) => void = () => {};
    const fate = new Promise<boolean>((resolve) => (release = resolve));
    const receiver = new Promise<MemoryAdapter>((resolve) => (onSent = resolve));
    let isFirst = true;
    this.hub.delivery = (_from, to, message, direction) => {
      const node = this.#byName.get(to);
      if (!isFirst || node === undefined || !isHeldBack(kindOf(message, direction))) return true;
      isFirst = false;
      onSent(node);
      return fate;
    };
    return { receiver, release };
  }

  #farMs(): number {
    return this.clock.now() + TTL_MS;
  }
}

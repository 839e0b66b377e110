import assert from "node:assert/strict";
import { setImmediate as nextTick } from "node:timers/promises";
import fc from "fast-check";
import { expect, it } from "vitest";
import { PeerCluster } from "../../test/peer-cluster.ts";
import { type MemoryAdapter, StashError } from "../index.ts";
import type { LoadOutcome } from "../entries/adapter.ts";

const RUNS = process.env["LIVE_STASH_LONG"] === "1" ? 3_000 : 25;

/** One step of a history. `pick` chooses a node. */
const step = fc.record({
  kind: fc.constantFrom("visit", "visit", "visit", "freeze", "freeze", "thaw", "wait", "replace"),
  pick: fc.nat(11),
  /** The age, in visits, of the token with which the page comes back, if its tokens reach back so far. */
  tokenAge: fc.constantFrom(0, 0, 0, 1, 2),
  saves: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** One page that goes from node to node, while nodes freeze, go on and are replaced. */
class History {
  readonly #cluster = new PeerCluster();
  #nodes: MemoryAdapter[] = [];
  readonly #frozen = new Map<MemoryAdapter, () => void>();
  readonly #leaving: Promise<void>[] = [];
  readonly #id = this.#cluster.newId();
  /** The adapter's parts of the tokens that the page may come back with, the oldest first. */
  #tokens: Uint8Array[] = [];
  #order = 1;
  #savedLast = new Uint8Array(0);
  unanswered = 0;

  async run(steps: readonly Step[]): Promise<void> {
    for (let count = 0; count < 3; count += 1) this.#join();
    const first = this.#pick(0);
    this.#tokens.push(await this.#cluster.create(first, this.#id));
    this.#save(first);
    for (const each of steps) await this.#take(each);
    for (const node of this.#frozen.keys()) this.#thaw(node);
    await Promise.all(this.#leaving);
    await this.#visit(this.#pick(0), 0, false);
    await this.#cluster.settleTransfers();
    // No other node has a copy that a view would get.
    for (const node of this.#nodes) await this.#visit(node, 0, false);
    await this.#cluster.close();
  }

  async #take({ kind, pick, tokenAge, saves }: Step): Promise<void> {
    const node = this.#pick(pick);
    const isFrozen = this.#frozen.has(node);
    if (kind === "visit" && !isFrozen) await this.#visit(node, tokenAge, saves);
    // One node stays, so that the page has a node to come back to.
    if (kind === "freeze" && !isFrozen && this.#frozen.size < this.#nodes.length - 1) {
      this.#frozen.set(node, this.#cluster.freeze(node));
    }
    if (kind === "thaw" && isFrozen) this.#thaw(node);
    if (kind === "wait") {
      // Long enough that receivers are asked for unconfirmed transfers; too short for a deadline.
      this.#cluster.clock.advance(4_000 * pick);
      for (const each of this.#nodes) if (!this.#frozen.has(each)) each.sweep();
    }
    if (kind === "replace" && !isFrozen && this.#nodes.length > 2) this.#replace(node);
    for (let ticks = pick; ticks > 0; ticks -= 1) await nextTick();
  }

  /** The page comes back to a node, as often as it takes. After the first try, frozen nodes go on. */
  async #visit(node: MemoryAdapter, tokenAge: number, saves: boolean): Promise<void> {
    this.#order += 1;
    const token = this.#tokens.at(-1 - tokenAge) ?? this.#tokens[0] ?? new Uint8Array(0);
    const owner = this.#cluster.ownerOf(this.#order);
    let loaded: LoadOutcome | undefined;
    for (let tries = 0; loaded === undefined; tries += 1) {
      loaded = await this.#tryLoad(node, token, owner);
      const [frozen] = this.#frozen.keys();
      if (loaded === undefined) this.unanswered += 1;
      if (tries > 0 && frozen !== undefined) this.#thaw(frozen);
    }
    if (loaded.status !== "loaded") throw new Error(`Expected it loaded, found ${loaded.status}.`);
    // Each record has a length of its own.
    assert.equal(loaded.record.length, this.#savedLast.length);
    this.#tokens.push(loaded.adapterData ?? token);
    if (saves) this.#save(node);
    // The view ends, and the stash waits for the page.
    assert.equal(await this.#cluster.keepAlive(node, this.#id, owner), "kept");
  }

  async #tryLoad(
    node: MemoryAdapter,
    token: Uint8Array,
    owner: string,
  ): Promise<LoadOutcome | undefined> {
    try {
      return await this.#cluster.load(node, this.#id, token, owner);
    } catch (error) {
      if (error instanceof StashError && error.code === "adapter_timeout") return undefined;
      throw error;
    }
  }

  #save(node: MemoryAdapter): void {
    const record = new Uint8Array(100 + this.#order).fill(this.#order);
    const owner = this.#cluster.ownerOf(this.#order);
    const expiresAtMs = this.#cluster.clock.now() + this.#cluster.ttlMs;
    const saved = node.save({ id: this.#id, owner, record, create: false, expiresAtMs });
    assert.deepEqual(saved, { status: "saved" });
    this.#savedLast = record;
    // A page that has received a later save never comes back with the token of an earlier view.
    this.#tokens = this.#tokens.slice(-1);
  }

  /** A node hands over and stops; another one joins. */
  #replace(node: MemoryAdapter): void {
    this.#nodes = this.#nodes.filter((other) => other !== node);
    this.#join();
    const leave = async (): Promise<void> => {
      await node.handOver({ batchTimeoutMs: 20 });
      await node.close();
    };
    this.#leaving.push(leave());
  }

  #pick(number: number): MemoryAdapter {
    return this.#nodes[number % this.#nodes.length] ?? this.#join();
  }

  #join(): MemoryAdapter {
    const node = this.#cluster.join({ lookupTimeoutMs: 20 });
    this.#nodes.push(node);
    return node;
  }

  #thaw(node: MemoryAdapter): void {
    this.#frozen.get(node)?.();
    this.#frozen.delete(node);
  }
}

it("a page finds the state that was saved last, whichever nodes freeze, and for how long", async () => {
  let unanswered = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const history = new History();
      await history.run(steps);
      unanswered += history.unanswered;
    }),
    { numRuns: RUNS },
  );
  // Histories without a silent node would prove nothing about freezes.
  expect(unanswered).toBeGreaterThan(0);
}, 600_000);

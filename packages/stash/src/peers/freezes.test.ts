import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { PeerCluster, RECORD } from "../../test/peer-cluster.ts";
import type { MemoryAdapter } from "../index.ts";

const UNANSWERED = { code: "adapter_timeout" };
/** Longer than `peerSilenceMs` is by default. */
const FOR_EVER_MS = 60_000;
const NEWER = new Uint8Array(300).fill(9);

let cluster: PeerCluster;

beforeEach(() => {
  cluster = new PeerCluster();
});

afterEach(() => cluster.close());

interface Held {
  readonly id: string;
  adapterData: Uint8Array;
}

async function createMany(node: MemoryAdapter, count: number): Promise<Held[]> {
  const held: Held[] = [];
  for (let index = 0; index < count; index += 1) {
    const id = cluster.newId();
    held.push({ id, adapterData: await cluster.create(node, id) });
  }
  return held;
}

const join = (): MemoryAdapter => cluster.join({ lookupTimeoutMs: 100 });
const sizes = (...nodes: readonly MemoryAdapter[]): number[] =>
  nodes.map((node) => node.figures().entries);
const unconfirmed = (node: MemoryAdapter): number | undefined => node.figures().peers?.unconfirmed;

/** The page comes back, once it can, with the view of the next order. */
async function comeBack(node: MemoryAdapter, held: Held, order: number): Promise<Uint8Array> {
  const loaded = await cluster.load(node, held.id, held.adapterData, cluster.ownerOf(order));
  if (loaded.status !== "loaded") throw new Error(`Expected it loaded, found ${loaded.status}.`);
  held.adapterData = loaded.adapterData ?? held.adapterData;
  return loaded.record;
}

async function saveNewer(node: MemoryAdapter, { id }: Held, order: number): Promise<void> {
  const request = { id, owner: cluster.ownerOf(order), record: NEWER, create: false };
  expect(await node.save({ ...request, expiresAtMs: Infinity })).toEqual({ status: "saved" });
}

async function turns(count: number): Promise<void> {
  for (let left = count; left > 0; left -= 1) await nextTurn();
}

describe("a node that is frozen after it took a stash, and before it said so,", () => {
  /**
   * The second node has the stash, with a newer state; the first one does not know that it came.
   */
  async function takeAndFreeze(): Promise<{
    readonly nodes: readonly [MemoryAdapter, MemoryAdapter, MemoryAdapter];
    readonly held: Held;
    readonly old: Uint8Array;
    readonly thaw: () => void;
  }> {
    const nodes = [join(), join(), join()] as const;
    const [one, two] = nodes;
    const [held = { id: "", adapterData: RECORD }] = await createMany(one, 1);
    const old = held.adapterData;
    await comeBack(two, held, 2);
    await saveNewer(two, held, 2);
    const thaw = cluster.freeze(two);
    expect(unconfirmed(one)).toBe(1);
    return { nodes, held, old, thaw };
  }

  it("is waited for, wherever the page comes back: the older copy is not given out", async () => {
    const { nodes, held, old, thaw } = await takeAndFreeze();
    const [one, two, three] = nodes;
    for (const node of [one, three]) {
      for (const adapterData of [held.adapterData, old, new Uint8Array(0)]) {
        const tried = cluster.load(node, held.id, adapterData, cluster.ownerOf(3));
        await expect(tried).rejects.toMatchObject(UNANSWERED);
      }
    }
    // Its lease is over, and it is asked in vain.
    cluster.clock.advance(20_000);
    for (const node of nodes) node.sweep();
    await turns(20);
    thaw();
    expect(await comeBack(three, held, 4)).toEqual(NEWER);
    await cluster.settle();
    expect(sizes(one, two, three)).toEqual([0, 0, 1]);
  });

  it("for ever costs what it took; if it goes on, the page keeps its newest state", async () => {
    const { nodes, held, old, thaw } = await takeAndFreeze();
    const [one, two, three] = nodes;
    cluster.hub.silentMs = FOR_EVER_MS;
    held.adapterData = old;
    expect(await comeBack(three, held, 3)).toEqual(RECORD);
    const newest = new Uint8Array(200).fill(5);
    const request = { id: held.id, owner: cluster.ownerOf(3), record: newest, create: false };
    await three.save({ ...request, expiresAtMs: Infinity });
    thaw();
    cluster.hub.silentMs = 0;
    await cluster.settle();
    // Its own copy is not that of the page's last view, and that node has to say so.
    const thawThree = cluster.freeze(three);
    const tried = cluster.load(two, held.id, held.adapterData, cluster.ownerOf(4));
    await expect(tried).rejects.toMatchObject(UNANSWERED);
    thawThree();
    expect(await comeBack(two, held, 4)).toEqual(newest);
    expect(await comeBack(one, held, 5)).toEqual(newest);
  });
});

describe("a hand-over to a node that is frozen", () => {
  it("goes on when that node does: nothing is lost, and nothing is there twice", async () => {
    const [one, two] = [join(), join()];
    const held = await createMany(one, 50);
    const thaw = cluster.freeze(two);
    const handedOver = one.handOver({ batchBytes: 4_000, batchTimeoutMs: 10 });
    // The first batch was offered, and asked about again.
    await vi.waitFor(() => expect(cluster.hub.messages).toBeGreaterThan(20));
    thaw();
    expect(await handedOver).toEqual({ handedOver: 50, left: 0 });
    expect(sizes(one, two)).toEqual([0, 50]);
    await one.close();
    for (const each of held) expect(await comeBack(two, each, 2)).toEqual(RECORD);
  });

  it("goes to another one if it stays so; a late offer costs no page its newer state", async () => {
    const [one, two] = [join(), join()];
    const held = await createMany(one, 20);
    const thaw = cluster.freeze(two);
    const handedOver = one.handOver({ batchTimeoutMs: 10 });
    await vi.waitFor(() => expect(cluster.hub.messages).toBeGreaterThan(4));
    const three = join();
    cluster.hub.silentMs = FOR_EVER_MS;
    expect(await handedOver).toEqual({ handedOver: 0, left: 20 });
    expect(await one.handOver({ batchTimeoutMs: 10 })).toEqual({ handedOver: 20, left: 0 });
    await one.close();
    expect(sizes(one, three)).toEqual([0, 20]);
    for (const each of held) {
      await comeBack(three, each, 2);
      await saveNewer(three, each, 2);
    }
    thaw();
    cluster.hub.silentMs = 0;
    await vi.waitFor(() => expect(sizes(two)).toEqual([20]));
    for (const each of held) expect(await comeBack(two, each, 3)).toEqual(NEWER);
    await cluster.settle();
    expect(sizes(two, three)).toEqual([20, 0]);
  });

  it("is waited for if there is no other one, and if its batch is all that is left", async () => {
    const [one, two] = [join(), join()];
    await createMany(one, 3);
    const signal = AbortSignal.timeout(10_000);
    const thaw = cluster.freeze(two);
    cluster.hub.hidesSilent = true;
    const handedOver = one.handOver({ signal, batchTimeoutMs: 10 });
    await vi.waitFor(() => expect(cluster.hub.messages).toBeGreaterThan(3));
    expect(sizes(one, two)).toEqual([3, 0]);
    cluster.hub.hidesSilent = false;
    thaw();
    expect(await handedOver).toEqual({ handedOver: 3, left: 0 });
  });

  it("ends with its signal, and keeps what is not known to be there", async () => {
    const [one, two] = [join(), join()];
    await createMany(one, 3);
    cluster.freeze(two);
    const controller = new AbortController();
    const handedOver = one.handOver({ signal: controller.signal, batchTimeoutMs: 10 });
    await vi.waitFor(() => expect(cluster.hub.messages).toBeGreaterThan(3));
    controller.abort();
    expect(await handedOver).toEqual({ handedOver: 0, left: 3 });
  });
});

describe("a load that is tried again", () => {
  it("is not disturbed by the late answer of an earlier try", async () => {
    const [one, two] = [join(), join()];
    const [held = { id: "", adapterData: RECORD }] = await createMany(one, 1);
    const { held: isHeld, letGo } = cluster.hold((kind) => kind === "transferred");
    const first = Promise.resolve(cluster.load(two, held.id, held.adapterData, cluster.ownerOf(2)));
    first.catch(() => "Looked at below.");
    await isHeld;
    await expect(first).rejects.toMatchObject(UNANSWERED);
    expect(await comeBack(two, held, 2)).toEqual(RECORD);
    await saveNewer(two, held, 2);
    letGo(true);
    await turns(20);
    cluster.clock.advance(2 * cluster.ttlMs);
    for (const node of [one, two]) node.sweep();
    await cluster.settle();
    expect(sizes(one, two)).toEqual([0, 1]);
    // The same view once more, as if its answer had been lost.
    for (let count = 0; count < 2; count += 1) {
      expect(await comeBack(two, held, 2)).toEqual(NEWER);
    }
  });

  it("while an earlier try is under way comes to the same, and moves the stash once", async () => {
    const [one, two] = [join(), join()];
    const [held = { id: "", adapterData: RECORD }] = await createMany(one, 1);
    const { held: isHeld, letGo } = cluster.hold((kind) => kind === "transferred");
    const tries = [1, 2, 3].map(() =>
      cluster.load(two, held.id, held.adapterData, cluster.ownerOf(2)),
    );
    await isHeld;
    letGo(true);
    for (const outcome of await Promise.all(tries)) {
      expect(outcome).toMatchObject({ status: "loaded", record: RECORD });
    }
    expect(two.figures().peers).toMatchObject({ movedIn: 1 });
    expect(await cluster.keep(two, held.id, cluster.ownerOf(2))).toBe("kept");
  });
});

describe("a network that is cut in two", () => {
  it("keeps states where they are, and gives them back when it is whole again", async () => {
    const [one, two] = [join(), join()];
    const held = await createMany(one, 5);
    const heal = cluster.freeze(one);
    for (const { id, adapterData } of held) {
      await expect(cluster.load(two, id, adapterData)).rejects.toMatchObject(UNANSWERED);
    }
    heal();
    for (const each of held) expect(await comeBack(two, each, 3)).toEqual(RECORD);
    await cluster.settle();
    expect(sizes(one, two)).toEqual([0, 5]);
  });
});

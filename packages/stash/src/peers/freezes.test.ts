import { setImmediate as nextTick } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PeerCluster, RECORD, type StashRef } from "../../test/peer-cluster.ts";
import type { MemoryAdapter } from "../index.ts";

const UNANSWERED = { code: "adapter_timeout" };
/** Longer than the default of `peerSilenceMs`. */
const FOR_EVER_MS = 60_000;
const NEWER = new Uint8Array(300).fill(9);

let cluster: PeerCluster;

beforeEach(() => {
  cluster = new PeerCluster();
});

afterEach(() => cluster.close());

const join = (): MemoryAdapter => cluster.join({ lookupTimeoutMs: 100 });
const unconfirmed = (node: MemoryAdapter): number | undefined => node.figures().peers?.unconfirmed;

/** Loads a stash for the view of the given order; returns the record. */
async function comeBack(node: MemoryAdapter, stash: StashRef, order: number): Promise<Uint8Array> {
  const loaded = await cluster.load(node, stash.id, stash.adapterData, cluster.ownerOf(order));
  if (loaded.status !== "loaded") throw new Error(`Expected it loaded, found ${loaded.status}.`);
  stash.adapterData = loaded.adapterData ?? stash.adapterData;
  return loaded.record;
}

async function saveNewer(node: MemoryAdapter, { id }: StashRef, order: number): Promise<void> {
  const request = { id, owner: cluster.ownerOf(order), record: NEWER, create: false };
  expect(await node.save({ ...request, expiresAtMs: Infinity })).toEqual({ status: "saved" });
}

async function ticks(count: number): Promise<void> {
  for (let left = count; left > 0; left -= 1) await nextTick();
}

describe("after a receiver froze before it confirmed a stash", () => {
  /** The second node has the stash, with a newer state; the first one does not know that it came. */
  async function fetchAndFreeze(): Promise<{
    readonly nodes: readonly [MemoryAdapter, MemoryAdapter, MemoryAdapter];
    readonly stash: StashRef;
    readonly old: Uint8Array;
    readonly thaw: () => void;
  }> {
    const nodes = [join(), join(), join()] as const;
    const [one, two] = nodes;
    const stash = await cluster.createOne(one);
    const old = stash.adapterData;
    await comeBack(two, stash, 2);
    await saveNewer(two, stash, 2);
    const thaw = cluster.freeze(two);
    expect(unconfirmed(one)).toBe(1);
    return { nodes, stash, old, thaw };
  }

  it("a load waits for the receiver, wherever the page comes back: no view gets the holder's older copy", async () => {
    const { nodes, stash, old, thaw } = await fetchAndFreeze();
    const [one, two, three] = nodes;
    for (const node of [one, three]) {
      for (const adapterData of [stash.adapterData, old, new Uint8Array(0)]) {
        const tried = cluster.load(node, stash.id, adapterData, cluster.ownerOf(3));
        await expect(tried).rejects.toMatchObject(UNANSWERED);
      }
    }
    // checkAfterMs has passed, and the receiver does not answer.
    cluster.clock.advance(20_000);
    for (const node of nodes) node.sweep();
    await ticks(20);
    thaw();
    expect(await comeBack(three, stash, 4)).toEqual(NEWER);
    await cluster.settleTransfers();
    expect(cluster.entriesOf(one, two, three)).toEqual([0, 0, 1]);
  });

  it("the receiver's state is lost if it stays frozen; if it resumes, the page keeps its newest state", async () => {
    const { nodes, stash, old, thaw } = await fetchAndFreeze();
    const [one, two, three] = nodes;
    cluster.hub.silentMs = FOR_EVER_MS;
    stash.adapterData = old;
    expect(await comeBack(three, stash, 3)).toEqual(RECORD);
    const newest = new Uint8Array(200).fill(5);
    const request = { id: stash.id, owner: cluster.ownerOf(3), record: newest, create: false };
    await three.save({ ...request, expiresAtMs: Infinity });
    thaw();
    cluster.hub.silentMs = 0;
    await cluster.settleTransfers();
    // The local copy is not that of the page's last view, so the other node must be asked.
    const thawThree = cluster.freeze(three);
    const tried = cluster.load(two, stash.id, stash.adapterData, cluster.ownerOf(4));
    await expect(tried).rejects.toMatchObject(UNANSWERED);
    thawThree();
    expect(await comeBack(two, stash, 4)).toEqual(newest);
    expect(await comeBack(one, stash, 5)).toEqual(newest);
  });
});

describe("a hand-over to a frozen node", () => {
  it("continues when that node resumes: no stash is lost, and none exists twice", async () => {
    const [one, two] = [join(), join()];
    const stashes = await cluster.createMany(one, 50);
    const thaw = cluster.freeze(two);
    const handedOver = one.handOver({ batchBytes: 4_000, batchTimeoutMs: 10 });
    // The first batch was offered, and the node was asked for it several times.
    await cluster.hub.requestsSent(21);
    thaw();
    expect(await handedOver).toEqual({ handedOver: 50, left: 0 });
    expect(cluster.entriesOf(one, two)).toEqual([0, 50]);
    await one.close();
    for (const each of stashes) expect(await comeBack(two, each, 2)).toEqual(RECORD);
  });

  it("goes to another node if that one stays frozen; a late offer replaces no newer state", async () => {
    const [one, two] = [join(), join()];
    const stashes = await cluster.createMany(one, 20);
    const thaw = cluster.freeze(two);
    const handedOver = one.handOver({ batchTimeoutMs: 10 });
    await cluster.hub.requestsSent(5);
    const three = join();
    cluster.hub.silentMs = FOR_EVER_MS;
    expect(await handedOver).toEqual({ handedOver: 0, left: 20 });
    expect(await one.handOver({ batchTimeoutMs: 10 })).toEqual({ handedOver: 20, left: 0 });
    await one.close();
    expect(cluster.entriesOf(one, three)).toEqual([0, 20]);
    for (const each of stashes) {
      await comeBack(three, each, 2);
      await saveNewer(three, each, 2);
    }
    thaw();
    cluster.hub.silentMs = 0;
    await expect.poll(() => cluster.entriesOf(two)).toEqual([20]);
    for (const each of stashes) expect(await comeBack(two, each, 3)).toEqual(NEWER);
    await cluster.settleTransfers();
    expect(cluster.entriesOf(two, three)).toEqual([20, 0]);
  });

  it("waits for that node if there is no other one", async () => {
    const [one, two] = [join(), join()];
    await cluster.createMany(one, 3);
    const thaw = cluster.freeze(two);
    cluster.hub.hidesNodes = true;
    const handedOver = one.handOver({ batchTimeoutMs: 10 });
    await cluster.hub.requestsSent(4);
    expect(cluster.entriesOf(one, two)).toEqual([3, 0]);
    cluster.hub.hidesNodes = false;
    thaw();
    expect(await handedOver).toEqual({ handedOver: 3, left: 0 });
  });

  it("ends with its signal, and keeps the stashes of an offer without an answer", async () => {
    const [one, two] = [join(), join()];
    await cluster.createMany(one, 3);
    cluster.freeze(two);
    const controller = new AbortController();
    const handedOver = one.handOver({ signal: controller.signal, batchTimeoutMs: 10 });
    await cluster.hub.requestsSent(4);
    controller.abort();
    expect(await handedOver).toEqual({ handedOver: 0, left: 3 });
  });
});

describe("a load that is tried again", () => {
  it("is not disturbed by the late answer to an earlier try", async () => {
    const [one, two] = [join(), join()];
    const stash = await cluster.createOne(one);
    const { receiver, release } = cluster.holdBack((kind) => kind === "transferred");
    const first = Promise.resolve(
      cluster.load(two, stash.id, stash.adapterData, cluster.ownerOf(2)),
    );
    first.catch(() => "Looked at below.");
    await receiver;
    await expect(first).rejects.toMatchObject(UNANSWERED);
    expect(await comeBack(two, stash, 2)).toEqual(RECORD);
    await saveNewer(two, stash, 2);
    release(true);
    await ticks(20);
    cluster.clock.advance(2 * cluster.ttlMs);
    for (const node of [one, two]) node.sweep();
    await cluster.settleTransfers();
    expect(cluster.entriesOf(one, two)).toEqual([0, 1]);
    // The same view loads once more, as if its answer had been lost.
    for (let count = 0; count < 2; count += 1) {
      expect(await comeBack(two, stash, 2)).toEqual(NEWER);
    }
  });

  it("keeps its transfer although a request of an earlier try arrives after it", async () => {
    const [one, two, three] = [join(), join(), join()];
    const stash = await cluster.createOne(one);
    await comeBack(two, stash, 2);
    const thaw = cluster.freeze(two);
    // The other node forwards the lookup to the frozen one, which handles such a request later.
    const tried = cluster.load(three, stash.id, stash.adapterData, cluster.ownerOf(3));
    await expect(tried).rejects.toMatchObject(UNANSWERED);
    thaw();
    await comeBack(three, stash, 3);
    await saveNewer(three, stash, 3);
    await cluster.settleTransfers();
    expect(cluster.entriesOf(one, two, three)).toEqual([0, 0, 1]);
    expect(await comeBack(one, stash, 4)).toEqual(NEWER);
  });

  it("shares the outcome of a try that is still running, and moves the stash once", async () => {
    const [one, two] = [join(), join()];
    const stash = await cluster.createOne(one);
    const { receiver, release } = cluster.holdBack((kind) => kind === "transferred");
    const tries = [1, 2, 3].map(() =>
      cluster.load(two, stash.id, stash.adapterData, cluster.ownerOf(2)),
    );
    await receiver;
    release(true);
    for (const outcome of await Promise.all(tries)) {
      expect(outcome).toMatchObject({ status: "loaded", record: RECORD });
    }
    expect(two.figures().peers).toMatchObject({ movedIn: 1 });
    expect(await cluster.keepAlive(two, stash.id, cluster.ownerOf(2))).toBe("kept");
  });
});

describe("a network partition", () => {
  it("keeps states on their nodes, and pages find them once it has ended", async () => {
    const [one, two] = [join(), join()];
    const stashes = await cluster.createMany(one, 5);
    const heal = cluster.freeze(one);
    for (const { id, adapterData } of stashes) {
      await expect(cluster.load(two, id, adapterData)).rejects.toMatchObject(UNANSWERED);
    }
    heal();
    for (const each of stashes) expect(await comeBack(two, each, 3)).toEqual(RECORD);
    await cluster.settleTransfers();
    expect(cluster.entriesOf(one, two)).toEqual([0, 5]);
  });
});

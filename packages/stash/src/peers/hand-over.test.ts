import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PeerCluster, RECORD } from "../../test/peer-cluster.ts";
import type { MemoryAdapter } from "../index.ts";

let cluster: PeerCluster;

beforeEach(() => {
  cluster = new PeerCluster();
});

afterEach(() => cluster.close());

interface Held {
  readonly id: string;
  readonly adapterData: Uint8Array;
}

async function createMany(node: MemoryAdapter, count: number): Promise<Held[]> {
  const held: Held[] = [];
  for (let index = 0; index < count; index += 1) {
    const id = cluster.newId();
    held.push({ id, adapterData: await cluster.create(node, id) });
  }
  return held;
}

const sizes = (...nodes: readonly MemoryAdapter[]): number[] =>
  nodes.map((node) => node.figures().entries);

describe("a node that goes", () => {
  it("hands all stashes of disconnected views to the others, spread over them", async () => {
    const [one, two, three] = [cluster.join(), cluster.join(), cluster.join()];
    const held = await createMany(one, 500);
    expect(await one.handOver({ batchBytes: 10_000 })).toEqual({ handedOver: 500, left: 0 });
    expect(sizes(one)).toEqual([0]);
    const [ofTwo = 0, ofThree = 0] = sizes(two, three);
    expect(ofTwo + ofThree).toBe(500);
    expect(Math.min(ofTwo, ofThree)).toBeGreaterThan(100);
    await one.close();
    for (const { id, adapterData } of held) {
      const owner = cluster.ownerOf(2);
      const loaded = await cluster.load(two, id, adapterData, owner);
      expect(loaded).toMatchObject({ status: "loaded", record: RECORD });
      expect(await cluster.keep(two, id, owner)).toBe("kept");
    }
  });

  it("keeps the deadlines and owners of what it hands over", async () => {
    const [one, two] = [cluster.join(), cluster.join()];
    const [first, second] = await createMany(one, 2);
    await one.handOver();
    await one.close();
    const late = await cluster.load(two, first?.id ?? "", NOTHING, cluster.ownerOf(0));
    expect(late).toEqual({ status: "superseded" });
    cluster.clock.advance(cluster.ttlMs - 1);
    expect(await cluster.load(two, first?.id ?? "", NOTHING)).toMatchObject({ status: "loaded" });
    cluster.clock.advance(1);
    expect(await cluster.load(two, second?.id ?? "", NOTHING)).toEqual({ status: "absent" });
  });

  it("answers who still looks there, and late calls of old owners change nothing", async () => {
    const [one, two, three] = [cluster.join(), cluster.join(), cluster.join()];
    const [held] = await createMany(one, 1);
    const { id, adapterData } = held ?? { id: "", adapterData: NOTHING };
    await one.handOver();
    const owner = cluster.ownerOf(1);
    expect(await cluster.keep(one, id, owner)).toBe("not_owner");
    expect(await one.forget({ id, owner })).toBe("not_owner");
    const where = sizes(two)[0] === 1 ? three : two;
    expect(await cluster.load(where, id, adapterData)).toMatchObject({ status: "loaded" });
    expect(where.figures().peers?.lookups.hint).toBe(1);
  });

  it("keeps the stashes of connected views, and what no node takes", async () => {
    const one = cluster.join();
    await createMany(one, 3);
    expect(await one.handOver()).toEqual({ handedOver: 0, left: 3 });
    const two = cluster.join({ maxBytes: 2_000 });
    const connected = { id: cluster.newId(), owner: cluster.ownerOf(1), record: RECORD };
    await one.save({ ...connected, create: true, expiresAtMs: Infinity });
    // A node that goes takes nothing.
    await two.handOver();
    expect(await one.handOver()).toEqual({ handedOver: 0, left: 4 });
    const three = cluster.join({ maxBytes: 720 });
    await three.save({ ...connected, id: cluster.newId(), create: true, expiresAtMs: Infinity });
    expect(await one.handOver()).toEqual({ handedOver: 0, left: 4 });
    expect(await cluster.keep(one, connected.id, connected.owner)).toBe("kept");
  });

  it("gives what one node does not take to another", async () => {
    const [one, two, three] = [cluster.join(), cluster.join({ maxBytes: 720 }), cluster.join()];
    const connected = { owner: cluster.ownerOf(1), record: RECORD, expiresAtMs: Infinity };
    await two.save({ ...connected, id: cluster.newId(), create: true });
    await createMany(one, 100);
    expect(await one.handOver({ batchBytes: 2_000 })).toEqual({ handedOver: 100, left: 0 });
    expect(sizes(two, three)).toEqual([1, 100]);
  });

  it("hands over nothing more once its signal is aborted", async () => {
    const one = cluster.join();
    cluster.join();
    await createMany(one, 10);
    const signal = AbortSignal.abort();
    expect(await one.handOver({ signal })).toEqual({ handedOver: 0, left: 10 });
  });

  it("refuses wrong options", async () => {
    const one = cluster.join();
    await expect(one.handOver({ batchBytes: 2_000_000 })).rejects.toThrow(
      "a whole number from 1 to 1048576",
    );
    // @ts-expect-error No signal.
    await expect(one.handOver({ signal: 5 })).rejects.toThrow("expected an AbortSignal");
    // @ts-expect-error No option.
    await expect(one.handOver({ batch: 5 })).rejects.toMatchObject({ code: "invalid_option" });
  });
});

describe("while a node hands over", () => {
  it("pages that come back find their stashes, whichever message is first", async () => {
    const [one, two, three] = [cluster.join(), cluster.join(), cluster.join()];
    cluster.delayMessages(1);
    const held = await createMany(one, 200);
    const handedOver = one.handOver({ batchBytes: 4_000 });
    const outcomes = await Promise.all(
      held.map(async ({ id, adapterData }, index) => {
        for (let turns = index % 20; turns > 0; turns -= 1) await nextTurn();
        const node = [one, two, three][index % 3] ?? one;
        const owner = cluster.ownerOf(2);
        const loaded = await cluster.load(node, id, adapterData, owner);
        return { loaded: loaded.status, node, id, owner };
      }),
    );
    await handedOver;
    for (const { loaded, node, id, owner } of outcomes) {
      expect(loaded).toBe("loaded");
      const kept = await cluster.keep(node, id, owner);
      // What came back to the node that goes may have been handed over again since.
      expect(kept).toBe(node === one && kept === "not_owner" ? "not_owner" : "kept");
    }
    await cluster.settle();
    expect(cluster.entries).toBe(200);
  });

  it("an offer that comes after the stash was given to another node is refused", async () => {
    const [one, two, three] = [cluster.join(), cluster.join(), cluster.join()];
    const [held] = await createMany(one, 1);
    const { id, adapterData } = held ?? { id: "", adapterData: NOTHING };
    const offer = cluster.hold((kind) => kind === "offer");
    const handedOver = one.handOver();
    const receiver = await offer.held;
    const [other, target] = receiver === two ? [three, two] : [two, three];
    expect(await cluster.load(other, id, adapterData)).toMatchObject({ status: "loaded" });
    offer.letGo(true);
    await handedOver;
    expect(sizes(one, other, target)).toEqual([0, 1, 0]);
    expect(await cluster.keep(other, id, cluster.ownerOf(2))).toBe("kept");
  });

  it("an offer that comes after its receiver took the stash by itself is void", async () => {
    const [one, two, three] = [cluster.join(), cluster.join(), cluster.join()];
    const [held] = await createMany(one, 1);
    const { id, adapterData } = held ?? { id: "", adapterData: NOTHING };
    const offer = cluster.hold((kind) => kind === "offer");
    const handedOver = one.handOver();
    const receiver = await offer.held;
    const other = receiver === two ? three : two;
    await cluster.load(receiver, id, adapterData, cluster.ownerOf(2));
    // And on it goes, before the offer comes.
    await cluster.load(other, id, adapterData, cluster.ownerOf(3));
    offer.letGo(true);
    await handedOver;
    await cluster.settle();
    expect(sizes(one, other, receiver)).toEqual([0, 1, 0]);
    expect(await cluster.keep(other, id, cluster.ownerOf(3))).toBe("kept");
  });

  it("an answer that is lost costs nothing: the node is asked what it has", async () => {
    const [one, two] = [cluster.join(), cluster.join()];
    await createMany(one, 20);
    cluster.lose((kind) => kind === "accepted");
    const result = await one.handOver({ batchTimeoutMs: 20 });
    expect(result).toEqual({ handedOver: 20, left: 0 });
    expect(sizes(one, two)).toEqual([0, 20]);
  });

  it("a node that dies has cost nothing: its batch goes to another one, or stays", async () => {
    const [one, two, three] = [cluster.join(), cluster.join(), cluster.join()];
    await createMany(one, 50);
    const offer = cluster.hold((kind) => kind === "offer");
    const handedOver = one.handOver({ batchBytes: 1_000 });
    const receiver = await offer.held;
    await receiver.close();
    offer.letGo(false);
    expect(await handedOver).toEqual({ handedOver: 50, left: 0 });
    expect(sizes(receiver === two ? three : two)).toEqual([50]);
  });
});

const NOTHING = new Uint8Array(0);

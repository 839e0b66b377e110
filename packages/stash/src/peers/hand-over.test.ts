import { setImmediate as nextTick } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PeerCluster, RECORD } from "../../test/peer-cluster.ts";

let cluster: PeerCluster;

beforeEach(() => {
  cluster = new PeerCluster();
});

afterEach(() => cluster.close());

describe("a node that stops", () => {
  it("hands all stashes of disconnected views over to the other nodes, spread over them", async () => {
    const [one, two, three] = [cluster.join(), cluster.join(), cluster.join()];
    const stashes = await cluster.createMany(one, 500);
    expect(await one.handOver({ batchBytes: 10_000 })).toEqual({ handedOver: 500, left: 0 });
    expect(cluster.entriesOf(one)).toEqual([0]);
    const [ofTwo = 0, ofThree = 0] = cluster.entriesOf(two, three);
    expect(ofTwo + ofThree).toBe(500);
    expect(Math.min(ofTwo, ofThree)).toBeGreaterThan(100);
    await one.close();
    for (const { id, adapterData } of stashes) {
      const owner = cluster.ownerOf(2);
      const loaded = await cluster.load(two, id, adapterData, owner);
      expect(loaded).toMatchObject({ status: "loaded", record: RECORD });
      expect(await cluster.keepAlive(two, id, owner)).toBe("kept");
    }
  });

  it("hands stashes over with their deadlines and owners", async () => {
    const [one, two] = [cluster.join(), cluster.join()];
    const [first, second] = [await cluster.createOne(one), await cluster.createOne(one)];
    await one.handOver();
    await one.close();
    const late = await cluster.load(two, first.id, NOTHING, cluster.ownerOf(0));
    expect(late).toEqual({ status: "superseded" });
    cluster.clock.advance(cluster.ttlMs - 1);
    expect(await cluster.load(two, first.id, NOTHING)).toMatchObject({ status: "loaded" });
    cluster.clock.advance(1);
    expect(await cluster.load(two, second.id, NOTHING)).toEqual({ status: "absent" });
  });

  it("forwards lookups, and late calls of old owners change nothing", async () => {
    const [one, two, three] = [cluster.join(), cluster.join(), cluster.join()];
    const { id, adapterData } = await cluster.createOne(one);
    await one.handOver();
    const owner = cluster.ownerOf(1);
    expect(await cluster.keepAlive(one, id, owner)).toBe("not_owner");
    expect(await one.forget({ id, owner })).toBe("not_owner");
    const where = cluster.entriesOf(two)[0] === 1 ? three : two;
    expect(await cluster.load(where, id, adapterData)).toMatchObject({ status: "loaded" });
    expect(where.figures().peers?.lookups.hint).toBe(1);
  });

  it("keeps stashes of connected views, and stashes that no node accepts", async () => {
    const one = cluster.join();
    await cluster.createMany(one, 3);
    expect(await one.handOver()).toEqual({ handedOver: 0, left: 3 });
    const two = cluster.join({ maxBytes: 2_000 });
    const connected = { id: cluster.newId(), owner: cluster.ownerOf(1), record: RECORD };
    await one.save({ ...connected, create: true, expiresAtMs: Infinity });
    // A node that stops itself accepts no offer.
    await two.handOver();
    expect(await one.handOver()).toEqual({ handedOver: 0, left: 4 });
    const three = cluster.join({ maxBytes: 720 });
    await three.save({ ...connected, id: cluster.newId(), create: true, expiresAtMs: Infinity });
    expect(await one.handOver()).toEqual({ handedOver: 0, left: 4 });
    expect(await cluster.keepAlive(one, connected.id, connected.owner)).toBe("kept");
  });

  it("offers stashes that one node rejects to another node", async () => {
    const [one, two, three] = [cluster.join(), cluster.join({ maxBytes: 720 }), cluster.join()];
    const connected = { owner: cluster.ownerOf(1), record: RECORD, expiresAtMs: Infinity };
    await two.save({ ...connected, id: cluster.newId(), create: true });
    await cluster.createMany(one, 100);
    expect(await one.handOver({ batchBytes: 2_000 })).toEqual({ handedOver: 100, left: 0 });
    expect(cluster.entriesOf(two, three)).toEqual([1, 100]);
  });

  it("hands over no more once its signal is aborted", async () => {
    const one = cluster.join();
    cluster.join();
    await cluster.createMany(one, 10);
    const signal = AbortSignal.abort();
    expect(await one.handOver({ signal })).toEqual({ handedOver: 0, left: 10 });
  });

  it("rejects invalid options", async () => {
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
  it("pages that come back find their stashes, whichever message arrives first", async () => {
    const [one, two, three] = [cluster.join(), cluster.join(), cluster.join()];
    cluster.delayMessages(1);
    const stashes = await cluster.createMany(one, 200);
    const handedOver = one.handOver({ batchBytes: 4_000 });
    const outcomes = await Promise.all(
      stashes.map(async ({ id, adapterData }, index) => {
        for (let ticks = index % 20; ticks > 0; ticks -= 1) await nextTick();
        const node = [one, two, three][index % 3] ?? one;
        const owner = cluster.ownerOf(2);
        const loaded = await cluster.load(node, id, adapterData, owner);
        return { loaded: loaded.status, node, id, owner };
      }),
    );
    await handedOver;
    for (const { loaded, node, id, owner } of outcomes) {
      expect(loaded).toBe("loaded");
      const kept = await cluster.keepAlive(node, id, owner);
      // A stash that came back to the stopping node may have been handed over again since.
      expect(kept).toBe(node === one && kept === "not_owner" ? "not_owner" : "kept");
    }
    await cluster.settleTransfers();
    expect(cluster.entries).toBe(200);
  });

  it("an offer is rejected if another node has fetched the stash before it arrives", async () => {
    const [one, two, three] = [cluster.join(), cluster.join(), cluster.join()];
    const { id, adapterData } = await cluster.createOne(one);
    const offer = cluster.holdBack((kind) => kind === "offer");
    const handedOver = one.handOver();
    const receiver = await offer.receiver;
    const [other, target] = receiver === two ? [three, two] : [two, three];
    expect(await cluster.load(other, id, adapterData)).toMatchObject({ status: "loaded" });
    offer.release(true);
    await handedOver;
    expect(cluster.entriesOf(one, other, target)).toEqual([0, 1, 0]);
    expect(await cluster.keepAlive(other, id, cluster.ownerOf(2))).toBe("kept");
  });

  it("an offer is void if its receiver has fetched the stash before it arrives", async () => {
    const [one, two, three] = [cluster.join(), cluster.join(), cluster.join()];
    const { id, adapterData } = await cluster.createOne(one);
    const offer = cluster.holdBack((kind) => kind === "offer");
    const handedOver = one.handOver();
    const receiver = await offer.receiver;
    const other = receiver === two ? three : two;
    await cluster.load(receiver, id, adapterData, cluster.ownerOf(2));
    // The stash moves on before the offer arrives.
    await cluster.load(other, id, adapterData, cluster.ownerOf(3));
    offer.release(true);
    await handedOver;
    await cluster.settleTransfers();
    expect(cluster.entriesOf(one, other, receiver)).toEqual([0, 1, 0]);
    expect(await cluster.keepAlive(other, id, cluster.ownerOf(3))).toBe("kept");
  });

  it("no stash is lost if an answer is lost: the receiver is asked which stashes it has", async () => {
    const [one, two] = [cluster.join(), cluster.join()];
    await cluster.createMany(one, 20);
    cluster.lose((kind) => kind === "accepted");
    const result = await one.handOver({ batchTimeoutMs: 20 });
    expect(result).toEqual({ handedOver: 20, left: 0 });
    expect(cluster.entriesOf(one, two)).toEqual([0, 20]);
  });

  it("no stash is lost if a receiver dies: its batch goes to another node, or stays", async () => {
    const [one, two, three] = [cluster.join(), cluster.join(), cluster.join()];
    await cluster.createMany(one, 50);
    const offer = cluster.holdBack((kind) => kind === "offer");
    const handedOver = one.handOver({ batchBytes: 1_000 });
    const receiver = await offer.receiver;
    await receiver.close();
    offer.release(false);
    expect(await handedOver).toEqual({ handedOver: 50, left: 0 });
    expect(cluster.entriesOf(receiver === two ? three : two)).toEqual([50]);
  });
});

const NOTHING = new Uint8Array(0);

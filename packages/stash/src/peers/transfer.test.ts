import { setImmediate as nextTick } from "node:timers/promises";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PeerCluster, RECORD } from "../../test/peer-cluster.ts";
import { PROTOCOL_VERSION } from "./messages.ts";

/** The first byte of every message. */
const V = PROTOCOL_VERSION;

/** The error of a lookup in which a node that may have the stash did not answer. */
const UNANSWERED = { code: "adapter_timeout" };

let cluster: PeerCluster;

beforeEach(() => {
  cluster = new PeerCluster();
});

afterEach(() => cluster.close());

describe("a stash on another node", () => {
  it("moves to its page's node: one owner, one copy, and late calls of the old owner change nothing", async () => {
    const [one, two] = [cluster.join(), cluster.join()];
    const id = cluster.newId();
    const adapterData = await cluster.create(one, id);
    const loaded = await cluster.load(two, id, adapterData);
    expect(loaded).toMatchObject({ status: "loaded", record: RECORD });
    expect([one, two].map((node) => node.figures().entries)).toEqual([0, 1]);
    expect(await cluster.keepAlive(one, id, cluster.ownerOf(1))).toBe("not_owner");
    const late = {
      id,
      owner: cluster.ownerOf(1),
      record: new Uint8Array(5),
      expiresAtMs: Infinity,
    };
    expect(await one.save({ ...late, create: false })).toEqual({ status: "not_owner" });
    expect(await one.save({ ...late, create: true })).toEqual({ status: "not_owner" });
    expect(await one.forget(late)).toBe("not_owner");
    await cluster.settleTransfers();
    expect(await one.save({ ...late, create: false })).toEqual({ status: "not_owner" });
    expect(await cluster.keepAlive(two, id, cluster.ownerOf(2))).toBe("kept");
    expect(cluster.entries).toBe(1);
    expect(one.figures().peers).toMatchObject({ movedOut: 1, unconfirmed: 0, forwardings: 1 });
    expect(two.figures().peers).toMatchObject({ movedIn: 1, lookups: { hint: 1 } });
  });

  it("is found without a hint, with a wrong hint, and after it has moved on", async () => {
    const [one, two, three] = [cluster.join(), cluster.join(), cluster.join()];
    for (const hint of [new Uint8Array(0), new Uint8Array(8), new Uint8Array(40)]) {
      const id = cluster.newId();
      await cluster.create(one, id);
      expect(await cluster.load(two, id, hint)).toMatchObject({ status: "loaded" });
    }
    const id = cluster.newId();
    const old = await cluster.create(one, id);
    await cluster.load(two, id, old);
    expect(await cluster.load(three, id, old, cluster.ownerOf(3))).toMatchObject({
      status: "loaded",
    });
    await cluster.settleTransfers();
    expect(await cluster.load(one, id, old, cluster.ownerOf(4))).toMatchObject({
      status: "loaded",
    });
    expect(cluster.entries).toBe(4);
  });

  it("is absent if no node has it, or if it has expired there", async () => {
    const [one, two] = [cluster.join(), cluster.join(), cluster.join()];
    const id = cluster.newId();
    const adapterData = await cluster.create(one, id);
    expect(await cluster.load(two, cluster.newId(), adapterData)).toEqual({ status: "absent" });
    cluster.clock.advance(cluster.ttlMs);
    expect(await cluster.load(two, id, adapterData)).toEqual({ status: "absent" });
    expect(two.figures().peers?.lookups.none).toBe(2);
  });

  it("stays with a later view, and moves to one that is later still", async () => {
    const [one, two] = [cluster.join(), cluster.join()];
    const id = cluster.newId();
    const adapterData = await cluster.create(one, id, cluster.ownerOf(8));
    expect(await cluster.load(two, id, adapterData, cluster.ownerOf(7))).toEqual({
      status: "superseded",
    });
    expect(await cluster.keepAlive(one, id, cluster.ownerOf(8))).toBe("kept");
    expect(await cluster.load(two, id, adapterData, cluster.ownerOf(9))).toMatchObject({
      status: "loaded",
    });
    expect(await cluster.load(one, id, adapterData, cluster.ownerOf(8))).toEqual({
      status: "superseded",
    });
    expect(await cluster.keepAlive(two, id, cluster.ownerOf(9))).toBe("kept");
  });

  it("stays on its node if the page's node has no room", async () => {
    const [one, two] = [cluster.join(), cluster.join({ maxBytes: 1_000 })];
    const full = {
      id: cluster.newId(),
      owner: cluster.ownerOf(1),
      record: RECORD,
      expiresAtMs: Infinity,
    };
    await two.save({ ...full, create: true });
    const id = cluster.newId();
    const adapterData = await cluster.create(one, id);
    await expect(cluster.load(two, id, adapterData)).rejects.toMatchObject({
      code: "adapter_unavailable",
    });
    expect(await cluster.load(one, id, adapterData, cluster.ownerOf(3))).toMatchObject({
      status: "loaded",
    });
  });
});

describe("an unconfirmed transfer", () => {
  it("is repeated when its receiver fetches the stash again", async () => {
    const [one, two] = [cluster.join(), cluster.join({ lookupTimeoutMs: 400 })];
    const id = cluster.newId();
    const adapterData = await cluster.create(one, id);
    cluster.lose((kind) => kind === "transferred");
    await expect(cluster.load(two, id, adapterData)).rejects.toMatchObject(UNANSWERED);
    cluster.lose(() => false);
    expect(await cluster.load(two, id, adapterData, cluster.ownerOf(3))).toMatchObject({
      status: "loaded",
    });
    await cluster.settleTransfers();
    expect(cluster.entries).toBe(1);
  });

  it("is undone once its holder has asked: the stash is back there", async () => {
    const [one, two] = [cluster.join(), cluster.join({ lookupTimeoutMs: 400 })];
    const id = cluster.newId();
    const adapterData = await cluster.create(one, id);
    cluster.lose((kind) => kind === "transferred");
    await expect(cluster.load(two, id, adapterData)).rejects.toMatchObject(UNANSWERED);
    cluster.lose(() => false);
    await cluster.settleTransfers();
    expect([one, two].map((node) => node.figures().entries)).toEqual([1, 0]);
    expect(await cluster.keepAlive(one, id, cluster.ownerOf(1))).toBe("kept");
  });

  it("makes a third node wait, which then fetches the stash from the receiver", async () => {
    const [one, two, three] = [cluster.join(), cluster.join(), cluster.join()];
    const id = cluster.newId();
    const adapterData = await cluster.create(one, id);
    const { receiver, release } = cluster.holdBack((kind) => kind === "transferred");
    const second = cluster.load(two, id, adapterData, cluster.ownerOf(2));
    await receiver;
    const third = cluster.load(three, id, adapterData, cluster.ownerOf(3));
    await nextTick();
    release(true);
    expect(await second).toMatchObject({ status: "loaded" });
    expect(await third).toMatchObject({ status: "loaded" });
    expect(await cluster.keepAlive(two, id, cluster.ownerOf(2))).toBe("not_owner");
    expect(await cluster.keepAlive(three, id, cluster.ownerOf(3))).toBe("kept");
    await cluster.settleTransfers();
    expect(cluster.entries).toBe(1);
  });

  it("does not delay a page that returns to the holder: it gets the retained copy", async () => {
    // Shorter than the time after which the lookup would ask all nodes.
    const [one, two] = [cluster.join(), cluster.join({ lookupTimeoutMs: 40 })];
    const id = cluster.newId();
    const adapterData = await cluster.create(one, id);
    const { receiver, release } = cluster.holdBack((kind) => kind === "transferred");
    const second = cluster.load(two, id, adapterData, cluster.ownerOf(2));
    await receiver;
    await expect(second).rejects.toMatchObject(UNANSWERED);
    expect(await cluster.load(one, id, adapterData, cluster.ownerOf(3))).toMatchObject({
      status: "loaded",
    });
    // The late answer arrives after its lookup has ended.
    release(true);
    await cluster.settleTransfers();
    expect([one, two].map((node) => node.figures().entries)).toEqual([1, 0]);
    expect(await cluster.keepAlive(one, id, cluster.ownerOf(3))).toBe("kept");
  });

  it("loses no state if its receiver dies", async () => {
    const [one, two, three] = [
      cluster.join(),
      cluster.join({ lookupTimeoutMs: 400 }),
      cluster.join(),
    ];
    const id = cluster.newId();
    const adapterData = await cluster.create(one, id);
    const { receiver } = cluster.holdBack((kind) => kind === "transferred");
    const second = Promise.resolve(cluster.load(two, id, adapterData, cluster.ownerOf(2)));
    second.catch(() => "Looked at below.");
    await receiver;
    await two.close();
    await expect(second).rejects.toMatchObject(UNANSWERED);
    expect(await cluster.load(three, id, adapterData, cluster.ownerOf(3))).toMatchObject({
      status: "loaded",
    });
    expect(await cluster.keepAlive(three, id, cluster.ownerOf(3))).toBe("kept");
    await cluster.settleTransfers();
    expect(cluster.entries).toBe(1);
  });

  it("is confirmed after checkAfterMs if the confirmation was lost: the holder asks", async () => {
    const [one, two] = [cluster.join(), cluster.join()];
    const id = cluster.newId();
    const adapterData = await cluster.create(one, id);
    cluster.lose((kind) => kind === "confirm");
    await cluster.load(two, id, adapterData);
    await cluster.settleTransfers();
    expect([one, two].map((node) => node.figures().entries)).toEqual([0, 1]);
    expect(await cluster.keepAlive(one, id, cluster.ownerOf(1))).toBe("not_owner");
    expect(await cluster.keepAlive(two, id, cluster.ownerOf(2))).toBe("kept");
  });
});

describe("a lookup", () => {
  it("rejects while a node with the stash may be silent, until it is gone or silent for peerSilenceMs", async () => {
    const one = cluster.join();
    const two = cluster.join({ lookupTimeoutMs: 100, peerSilenceMs: 7_000 });
    const id = cluster.newId();
    const adapterData = await cluster.create(one, id);
    for (const hint of [adapterData, new Uint8Array(0), new Uint8Array(8)]) {
      cluster.hub.delivery = () => new Promise(() => {});
      cluster.hub.silentMs = 6_999;
      await expect(cluster.load(two, id, hint)).rejects.toMatchObject(UNANSWERED);
      cluster.hub.silentMs = 7_000;
      expect(await cluster.load(two, id, hint)).toEqual({ status: "absent" });
    }
    expect(two.figures().peers?.lookups).toMatchObject({ unanswered: 3, none: 3 });
    cluster.hub.delivery = () => true;
    expect(await cluster.load(two, id, adapterData)).toMatchObject({
      status: "loaded",
      record: RECORD,
    });
    await one.close();
    expect(await cluster.load(two, cluster.newId(), adapterData)).toEqual({ status: "absent" });
  });
});

describe("a node of another version", () => {
  it.each([
    ["gives no answer", undefined],
    ["answers in another version", Buffer.of(V + 1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0)],
    ["answers with an unknown kind", Buffer.of(V, 99, 1, 2, 3, 4, 5, 6, 7, 8)],
    ["breaks off its answer", Buffer.of(V, 2, 1, 2)],
    ["adds bytes to its answer", Buffer.of(V, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)],
    ["answers another request", Buffer.of(V, 6, 1, 2, 3, 4, 5, 6, 7, 8)],
    ["answers with no bytes", Buffer.alloc(0)],
  ])("that %s counts as one without stashes", async (_name, answer) => {
    const one = cluster.join();
    const foreign = cluster.hub.join();
    await foreign.open("AAAAAAAAAAA", () => answer);
    const hint = Buffer.from("AAAAAAAAAAA", "base64url");
    expect(await cluster.load(one, cluster.newId(), hint)).toEqual({ status: "absent" });
    const id = cluster.newId();
    await cluster.create(one, id);
    expect(await one.handOver()).toEqual({ handedOver: 0, left: 1 });
    expect(await cluster.load(one, id, hint)).toMatchObject({ status: "loaded" });
  });

  it.each([
    ["a request of another version", Buffer.of(V + 1, 0, 1, 2, 3, 4, 5, 6, 7, 8)],
    ["an unknown kind", Buffer.of(V, 50, 1, 2, 3, 4, 5, 6, 7, 8)],
    ["no bytes", Buffer.alloc(0)],
    ["half a message", Buffer.of(V, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0)],
    ["a list without an end", Buffer.of(V, 1, 1, 2, 3, 4, 5, 6, 7, 8, 255, 255, 255, 255)],
  ])("that asks with %s gets no answer", async (_name, request) => {
    const one = cluster.join();
    const foreign = cluster.hub.join();
    await foreign.open("AAAAAAAAAAA", () => undefined);
    const signal = new AbortController().signal;
    const reply = await foreign.askOthers(request, undefined, signal);
    expect(reply).toEqual({ status: "answered", answer: undefined });
    expect(one.figures().entries).toBe(0);
  });
});

describe("recoveries of one stash at the same instant", () => {
  it("leave one owner, and lose nothing, a thousand times", async () => {
    const [one, two] = [cluster.join(), cluster.join()];
    cluster.delayMessages(1);
    for (let round = 0; round < 1_000; round += 1) {
      const id = cluster.newId();
      const adapterData = await cluster.create(round % 2 === 0 ? one : two, id, cluster.ownerOf(1));
      const loads = [
        cluster.load(one, id, adapterData, cluster.ownerOf(2, "a")),
        cluster.load(two, id, adapterData, cluster.ownerOf(2, "b")),
      ];
      const outcomes = await Promise.all(loads);
      expect(outcomes.map(({ status }) => status)).toEqual(["loaded", "loaded"]);
      const kept = [
        await cluster.keepAlive(one, id, cluster.ownerOf(2, "a")),
        await cluster.keepAlive(two, id, cluster.ownerOf(2, "b")),
      ];
      expect(new Set(kept)).toEqual(new Set(["kept", "not_owner"]));
    }
    await cluster.settleTransfers();
    expect(cluster.entries).toBe(1_000);
  });

  it("on any nodes, in any order of views and messages, leave the last view the owner", async () => {
    const recovery = fc.record({ node: fc.nat(3), order: fc.integer({ min: 2, max: 9 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(recovery, { minLength: 1, maxLength: 4 }), {
          minLength: 1,
          maxLength: 4,
        }),
        fc.infiniteStream(fc.nat(3)),
        async (waves, delays) => {
          await cluster.close();
          cluster = new PeerCluster();
          const all = [cluster.join(), cluster.join(), cluster.join(), cluster.join()];
          cluster.hub.delivery = async () => {
            const { value: delay } = delays.next() as IteratorYieldResult<number>;
            for (let ticks = delay; ticks > 0; ticks -= 1) await nextTick();
            return true;
          };
          const id = cluster.newId();
          let hint = await cluster.create(all[0] ?? cluster.join(), id, cluster.ownerOf(1));
          let last = 1;
          for (const wave of waves) {
            const outcomes = await Promise.all(
              wave.map(async ({ node, order }, index) => {
                const adapter = all[node] ?? cluster.join();
                const owner = cluster.ownerOf(order, `v${index}`);
                return {
                  adapter,
                  owner,
                  order,
                  outcome: await cluster.load(adapter, id, hint, owner),
                };
              }),
            );
            for (const { order, outcome } of outcomes) {
              expect(outcome.status).not.toBe("absent");
              if (order < last) expect(outcome.status).toBe("superseded");
            }
            const orders = outcomes.map(({ order }) => order);
            last = Math.max(last, ...orders);
            const kept = await Promise.all(
              outcomes.map(async ({ adapter, owner, order }) => ({
                order,
                kept: await cluster.keepAlive(adapter, id, owner),
              })),
            );
            const owners = kept.filter(({ kept: outcome }) => outcome === "kept");
            expect(owners.length).toBe(orders.includes(last) ? 1 : 0);
            for (const { order } of owners) expect(order).toBe(last);
            for (const { outcome } of outcomes) {
              if (outcome.status === "loaded" && outcome.adapterData !== undefined)
                hint = outcome.adapterData;
            }
          }
          await cluster.settleTransfers();
          expect(cluster.entries).toBe(1);
          await Promise.all(all.map((node) => node.close()));
        },
      ),
      { numRuns: 60 },
    );
  });
});

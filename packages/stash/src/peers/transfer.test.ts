import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PeerCluster, RECORD } from "../../test/peer-cluster.ts";
import { PROTOCOL_VERSION } from "./messages.ts";

/** The first byte of every message. */
const V = PROTOCOL_VERSION;

/** A node that may have the stash did not answer. */
const UNANSWERED = { code: "adapter_timeout" };

let cluster: PeerCluster;

beforeEach(() => {
  cluster = new PeerCluster();
});

afterEach(() => cluster.close());

describe("a stash that is looked for on another node", () => {
  it("moves there: one owner, one copy, and late calls of the old owner change nothing", async () => {
    const [one, two] = [cluster.join(), cluster.join()];
    const id = cluster.newId();
    const adapterData = await cluster.create(one, id);
    const loaded = await cluster.load(two, id, adapterData);
    expect(loaded).toMatchObject({ status: "loaded", record: RECORD });
    expect([one, two].map((node) => node.figures().entries)).toEqual([0, 1]);
    expect(await cluster.keep(one, id, cluster.ownerOf(1))).toBe("not_owner");
    const late = {
      id,
      owner: cluster.ownerOf(1),
      record: new Uint8Array(5),
      expiresAtMs: Infinity,
    };
    expect(await one.save({ ...late, create: false })).toEqual({ status: "not_owner" });
    expect(await one.save({ ...late, create: true })).toEqual({ status: "not_owner" });
    expect(await one.forget(late)).toBe("not_owner");
    await cluster.settle();
    expect(await one.save({ ...late, create: false })).toEqual({ status: "not_owner" });
    expect(await cluster.keep(two, id, cluster.ownerOf(2))).toBe("kept");
    expect(cluster.entries).toBe(1);
    expect(one.figures().peers).toMatchObject({ movedOut: 1, unconfirmed: 0, forwardings: 1 });
    expect(two.figures().peers).toMatchObject({ movedIn: 1, lookups: { hint: 1 } });
  });

  it("is found without a hint, with a foreign one, and where it went since", async () => {
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
    await cluster.settle();
    expect(await cluster.load(one, id, old, cluster.ownerOf(4))).toMatchObject({
      status: "loaded",
    });
    expect(cluster.entries).toBe(4);
  });

  it("is absent if no node has it, or it has expired there", async () => {
    const [one, two] = [cluster.join(), cluster.join(), cluster.join()];
    const id = cluster.newId();
    const adapterData = await cluster.create(one, id);
    expect(await cluster.load(two, cluster.newId(), adapterData)).toEqual({ status: "absent" });
    cluster.clock.advance(cluster.ttlMs);
    expect(await cluster.load(two, id, adapterData)).toEqual({ status: "absent" });
    expect(two.figures().peers?.lookups.none).toBe(2);
  });

  it("stays with a later view", async () => {
    const [one, two] = [cluster.join(), cluster.join()];
    const id = cluster.newId();
    const adapterData = await cluster.create(one, id, cluster.ownerOf(8));
    expect(await cluster.load(two, id, adapterData, cluster.ownerOf(7))).toEqual({
      status: "superseded",
    });
    expect(await cluster.keep(one, id, cluster.ownerOf(8))).toBe("kept");
    expect(await cluster.load(two, id, adapterData, cluster.ownerOf(9))).toMatchObject({
      status: "loaded",
    });
    expect(await cluster.load(one, id, adapterData, cluster.ownerOf(8))).toEqual({
      status: "superseded",
    });
    expect(await cluster.keep(two, id, cluster.ownerOf(9))).toBe("kept");
  });

  it("stays where it is if there is no room for it", async () => {
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

describe("an answer that comes late, or never", () => {
  it("loses nothing: who asks again gets it", async () => {
    const [one, two] = [cluster.join(), cluster.join({ lookupTimeoutMs: 400 })];
    const id = cluster.newId();
    const adapterData = await cluster.create(one, id);
    cluster.lose((kind) => kind === "transferred");
    await expect(cluster.load(two, id, adapterData)).rejects.toMatchObject(UNANSWERED);
    cluster.lose(() => false);
    expect(await cluster.load(two, id, adapterData, cluster.ownerOf(3))).toMatchObject({
      status: "loaded",
    });
    await cluster.settle();
    expect(cluster.entries).toBe(1);
  });

  it("loses nothing: it comes back to who gave it", async () => {
    const [one, two] = [cluster.join(), cluster.join({ lookupTimeoutMs: 400 })];
    const id = cluster.newId();
    const adapterData = await cluster.create(one, id);
    cluster.lose((kind) => kind === "transferred");
    await expect(cluster.load(two, id, adapterData)).rejects.toMatchObject(UNANSWERED);
    cluster.lose(() => false);
    await cluster.settle();
    expect([one, two].map((node) => node.figures().entries)).toEqual([1, 0]);
    expect(await cluster.keep(one, id, cluster.ownerOf(1))).toBe("kept");
  });

  it("keeps a third node waiting, which then takes it from where it came to", async () => {
    const [one, two, three] = [cluster.join(), cluster.join(), cluster.join()];
    const id = cluster.newId();
    const adapterData = await cluster.create(one, id);
    const { held, letGo } = cluster.hold((kind) => kind === "transferred");
    const second = cluster.load(two, id, adapterData, cluster.ownerOf(2));
    await held;
    const third = cluster.load(three, id, adapterData, cluster.ownerOf(3));
    await nextTurn();
    letGo(true);
    expect(await second).toMatchObject({ status: "loaded" });
    expect(await third).toMatchObject({ status: "loaded" });
    expect(await cluster.keep(two, id, cluster.ownerOf(2))).toBe("not_owner");
    expect(await cluster.keep(three, id, cluster.ownerOf(3))).toBe("kept");
    await cluster.settle();
    expect(cluster.entries).toBe(1);
  });

  it("is not waited for by the node that gave it, if its page comes back", async () => {
    // Less than after which it would ask a second time.
    const [one, two] = [cluster.join(), cluster.join({ lookupTimeoutMs: 40 })];
    const id = cluster.newId();
    const adapterData = await cluster.create(one, id);
    const { held, letGo } = cluster.hold((kind) => kind === "transferred");
    const second = cluster.load(two, id, adapterData, cluster.ownerOf(2));
    await held;
    await expect(second).rejects.toMatchObject(UNANSWERED);
    expect(await cluster.load(one, id, adapterData, cluster.ownerOf(3))).toMatchObject({
      status: "loaded",
    });
    // The late answer finds nobody who waits for it.
    letGo(true);
    await cluster.settle();
    expect([one, two].map((node) => node.figures().entries)).toEqual([1, 0]);
    expect(await cluster.keep(one, id, cluster.ownerOf(3))).toBe("kept");
  });

  it("costs no state if the node that was given it dies at that moment", async () => {
    const [one, two, three] = [
      cluster.join(),
      cluster.join({ lookupTimeoutMs: 400 }),
      cluster.join(),
    ];
    const id = cluster.newId();
    const adapterData = await cluster.create(one, id);
    const { held } = cluster.hold((kind) => kind === "transferred");
    const second = Promise.resolve(cluster.load(two, id, adapterData, cluster.ownerOf(2)));
    second.catch(() => "Looked at below.");
    await held;
    await two.close();
    await expect(second).rejects.toMatchObject(UNANSWERED);
    expect(await cluster.load(three, id, adapterData, cluster.ownerOf(3))).toMatchObject({
      status: "loaded",
    });
    expect(await cluster.keep(three, id, cluster.ownerOf(3))).toBe("kept");
    await cluster.settle();
    expect(cluster.entries).toBe(1);
  });

  it("of who has it matters not: it is asked when its lease is over", async () => {
    const [one, two] = [cluster.join(), cluster.join()];
    const id = cluster.newId();
    const adapterData = await cluster.create(one, id);
    cluster.lose((kind) => kind === "confirm");
    await cluster.load(two, id, adapterData);
    await cluster.settle();
    expect([one, two].map((node) => node.figures().entries)).toEqual([0, 1]);
    expect(await cluster.keep(one, id, cluster.ownerOf(1))).toBe("not_owner");
    expect(await cluster.keep(two, id, cluster.ownerOf(2))).toBe("kept");
  });

  it("of a node that may have it is no absence, until that node is gone or silent for long", async () => {
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
    ["says nothing", undefined],
    ["answers in another version", Buffer.of(V + 1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0)],
    ["answers with what there is not in this one", Buffer.of(V, 99, 1, 2, 3, 4, 5, 6, 7, 8)],
    ["breaks off", Buffer.of(V, 2, 1, 2)],
    ["says too much", Buffer.of(V, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)],
    ["answers something else", Buffer.of(V, 6, 1, 2, 3, 4, 5, 6, 7, 8)],
    ["answers nothing at all", Buffer.alloc(0)],
  ])("that %s is as one that has nothing", async (_name, answer) => {
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
    ["another version", Buffer.of(V + 1, 0, 1, 2, 3, 4, 5, 6, 7, 8)],
    ["an unknown kind", Buffer.of(V, 50, 1, 2, 3, 4, 5, 6, 7, 8)],
    ["nothing", Buffer.alloc(0)],
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

describe("recoveries of one reference at the same instant", () => {
  it("have one owner, and lose nothing, a thousand times", async () => {
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
        await cluster.keep(one, id, cluster.ownerOf(2, "a")),
        await cluster.keep(two, id, cluster.ownerOf(2, "b")),
      ];
      expect(new Set(kept)).toEqual(new Set(["kept", "not_owner"]));
    }
    await cluster.settle();
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
            for (let turns = delay; turns > 0; turns -= 1) await nextTurn();
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
                kept: await cluster.keep(adapter, id, owner),
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
          await cluster.settle();
          expect(cluster.entries).toBe(1);
          await Promise.all(all.map((node) => node.close()));
        },
      ),
      { numRuns: 60 },
    );
  });
});

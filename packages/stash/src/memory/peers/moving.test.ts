import { randomBytes } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TestClock } from "../../../test/fake-page.ts";
import { PeerHub } from "../../../test/peer-hub.ts";
import { createMemoryAdapter, type LoadOutcome, type MemoryAdapter } from "../../index.ts";
import { decodeAnswer } from "./peer-answer.ts";
import { decodeRequest } from "./peer-request.ts";

const RECORD = new Uint8Array(400).fill(7);
const TTL_MS = 300_000;

let hub: PeerHub;
let clock: TestClock;
let nodes: MemoryAdapter[];

beforeEach(() => {
  hub = new PeerHub();
  clock = new TestClock();
  nodes = [];
});

afterEach(async () => {
  hub.delivery = () => true;
  await Promise.all(nodes.map((node) => node.close()));
});

function join(options: { lookupTimeoutMs?: number; maxBytes?: number } = {}): MemoryAdapter {
  const node = createMemoryAdapter({
    clock,
    peers: hub.join(),
    lookupTimeoutMs: 5_000,
    ...options,
  });
  nodes.push(node);
  return node;
}

const newId = (): string => randomBytes(16).toString("base64url");
const ownerOf = (order: number, name = "view"): string =>
  `${String(order).padStart(10, "0")}${name}`;

async function create(node: MemoryAdapter, id: string, owner = ownerOf(1)): Promise<Uint8Array> {
  const expiresAtMs = clock.now() + TTL_MS;
  const saved = await node.save({ id, owner, record: RECORD, create: true, expiresAtMs });
  if (saved.status !== "saved" || saved.carried === undefined) throw new Error("expected a hint");
  return saved.carried;
}

async function load(
  node: MemoryAdapter,
  id: string,
  carried: Uint8Array,
  owner = ownerOf(2),
): Promise<LoadOutcome> {
  return node.load({ id, carried, owner, expiresAtMs: clock.now() + TTL_MS });
}

async function keep(node: MemoryAdapter, id: string, owner: string): Promise<string | undefined> {
  const [outcome] = await node.keepAlive([{ id, owner, expiresAtMs: clock.now() + TTL_MS }]);
  return outcome;
}

const entries = (): number => nodes.reduce((sum, node) => sum + node.figures().entries, 0);
const departing = (): number =>
  nodes.reduce((sum, node) => sum + (node.figures().peers?.departing ?? 0), 0);

/** Time passes until every node that was given something has said so, or was asked. */
async function settle(): Promise<void> {
  while (departing() > 0) {
    clock.advance(20_000);
    for (const node of nodes) node.sweep();
    for (let turns = 0; turns < 50 && departing() > 0; turns += 1) await nextTurn();
  }
}

/** Resolves when a message that `matches` is about to be delivered; it waits for `let go`. */
function hold(matches: (kind: string, way: string) => boolean): {
  readonly held: Promise<void>;
  letGo(isDelivered: boolean): void;
} {
  let letGo: (isDelivered: boolean) => void = () => {};
  let isHeld: () => void = () => {};
  const fate = new Promise<boolean>((resolve) => (letGo = resolve));
  const held = new Promise<void>((resolve) => (isHeld = resolve));
  let isFirst = true;
  hub.delivery = (_from, _to, message, way) => {
    const decoded = way === "request" ? decodeRequest(message) : decodeAnswer(message);
    if (!isFirst || decoded === undefined || !matches(decoded.kind, way)) return true;
    isFirst = false;
    isHeld();
    return fate;
  };
  return { held, letGo };
}

describe("a stash that is looked for on another node", () => {
  it("moves there: one owner, one copy, and late calls of the old owner change nothing", async () => {
    const [one, two] = [join(), join()];
    const id = newId();
    const carried = await create(one, id);
    const loaded = await load(two, id, carried);
    expect(loaded).toMatchObject({ status: "loaded", record: Buffer.from(RECORD) });
    expect([one, two].map((node) => node.figures().entries)).toEqual([0, 1]);
    expect(await keep(one, id, ownerOf(1))).toBe("not_owner");
    const late = { id, owner: ownerOf(1), record: new Uint8Array(5), expiresAtMs: Infinity };
    expect(await one.save({ ...late, create: false })).toEqual({ status: "not_owner" });
    expect(await one.save({ ...late, create: true })).toEqual({ status: "not_owner" });
    expect(await one.forget(late)).toBe("not_owner");
    await settle();
    expect(await one.save({ ...late, create: false })).toEqual({ status: "not_owner" });
    expect(await keep(two, id, ownerOf(2))).toBe("kept");
    expect(entries()).toBe(1);
    expect(one.figures().peers).toMatchObject({ movedOut: 1, departing: 0, remembered: 1 });
    expect(two.figures().peers).toMatchObject({ movedIn: 1, lookups: { hint: 1 } });
  });

  it("is found without a hint, with a foreign one, and where it went since", async () => {
    const [one, two, three] = [join(), join(), join()];
    for (const hint of [new Uint8Array(0), new Uint8Array(8), new Uint8Array(40)]) {
      const id = newId();
      await create(one, id);
      expect(await load(two, id, hint)).toMatchObject({ status: "loaded" });
    }
    const id = newId();
    const old = await create(one, id);
    await load(two, id, old);
    expect(await load(three, id, old, ownerOf(3))).toMatchObject({ status: "loaded" });
    await settle();
    expect(await load(one, id, old, ownerOf(4))).toMatchObject({ status: "loaded" });
    expect(entries()).toBe(4);
  });

  it("is absent if no node has it, or it has expired there", async () => {
    const [one, two] = [join(), join(), join()];
    const id = newId();
    const carried = await create(one, id);
    expect(await load(two, newId(), carried)).toEqual({ status: "absent" });
    clock.advance(TTL_MS);
    expect(await load(two, id, carried)).toEqual({ status: "absent" });
    expect(two.figures().peers?.lookups.none).toBe(2);
  });

  it("stays with a later view", async () => {
    const [one, two] = [join(), join()];
    const id = newId();
    const carried = await create(one, id, ownerOf(8));
    expect(await load(two, id, carried, ownerOf(7))).toEqual({ status: "superseded" });
    expect(await keep(one, id, ownerOf(8))).toBe("kept");
    expect(await load(two, id, carried, ownerOf(9))).toMatchObject({ status: "loaded" });
    expect(await load(one, id, carried, ownerOf(8))).toEqual({ status: "superseded" });
    expect(await keep(two, id, ownerOf(9))).toBe("kept");
  });

  it("stays where it is if there is no room for it", async () => {
    const [one, two] = [join(), join({ maxBytes: 1_000 })];
    const full = { id: newId(), owner: ownerOf(1), record: RECORD, expiresAtMs: Infinity };
    await two.save({ ...full, create: true });
    const id = newId();
    const carried = await create(one, id);
    await expect(load(two, id, carried)).rejects.toMatchObject({ code: "adapter_unavailable" });
    expect(await load(one, id, carried, ownerOf(3))).toMatchObject({ status: "loaded" });
  });
});

describe("an answer that comes late, or never", () => {
  it("loses nothing: who asks again gets it", async () => {
    const [one, two] = [join(), join({ lookupTimeoutMs: 100 })];
    const id = newId();
    const carried = await create(one, id);
    hub.delivery = (_from, _to, message, way) =>
      way === "request" || decodeAnswer(message)?.kind !== "given";
    expect(await load(two, id, carried)).toEqual({ status: "absent" });
    hub.delivery = () => true;
    expect(await load(two, id, carried, ownerOf(3))).toMatchObject({ status: "loaded" });
    await settle();
    expect(entries()).toBe(1);
  });

  it("loses nothing: it comes back to who gave it", async () => {
    const [one, two] = [join(), join({ lookupTimeoutMs: 100 })];
    const id = newId();
    const carried = await create(one, id);
    hub.delivery = (_from, _to, message, way) =>
      way === "request" || decodeAnswer(message)?.kind !== "given";
    await load(two, id, carried);
    hub.delivery = () => true;
    await settle();
    expect([one, two].map((node) => node.figures().entries)).toEqual([1, 0]);
    expect(await keep(one, id, ownerOf(1))).toBe("kept");
  });

  it("keeps a third node waiting, which then takes it from where it came to", async () => {
    const [one, two, three] = [join(), join(), join()];
    const id = newId();
    const carried = await create(one, id);
    const { held, letGo } = hold((kind) => kind === "given");
    const second = load(two, id, carried, ownerOf(2));
    await held;
    const third = load(three, id, carried, ownerOf(3));
    await nextTurn();
    letGo(true);
    expect(await second).toMatchObject({ status: "loaded" });
    expect(await third).toMatchObject({ status: "loaded" });
    expect(await keep(two, id, ownerOf(2))).toBe("not_owner");
    expect(await keep(three, id, ownerOf(3))).toBe("kept");
    await settle();
    expect(entries()).toBe(1);
  });

  it("is not waited for by the node that gave it, if its page comes back", async () => {
    const [one, two] = [join(), join({ lookupTimeoutMs: 50 })];
    const id = newId();
    const carried = await create(one, id);
    const { held, letGo } = hold((kind) => kind === "given");
    const second = load(two, id, carried, ownerOf(2));
    await held;
    expect(await second).toEqual({ status: "absent" });
    expect(await load(one, id, carried, ownerOf(3))).toMatchObject({ status: "loaded" });
    // The late answer finds nobody who waits for it.
    letGo(true);
    await settle();
    expect([one, two].map((node) => node.figures().entries)).toEqual([1, 0]);
    expect(await keep(one, id, ownerOf(3))).toBe("kept");
  });

  it("costs no state if the node that was given it dies at that moment", async () => {
    const [one, two, three] = [join(), join({ lookupTimeoutMs: 100 }), join()];
    const id = newId();
    const carried = await create(one, id);
    const { held } = hold((kind) => kind === "given");
    void load(two, id, carried, ownerOf(2));
    await held;
    await two.close();
    expect(await load(three, id, carried, ownerOf(3))).toMatchObject({ status: "loaded" });
    expect(await keep(three, id, ownerOf(3))).toBe("kept");
    await settle();
    expect(entries()).toBe(1);
  });

  it("of who has it matters not: it is asked when its lease is over", async () => {
    const [one, two] = [join(), join()];
    const id = newId();
    const carried = await create(one, id);
    hub.delivery = (_from, _to, message, way) =>
      way === "answer" || decodeRequest(message)?.kind !== "settle";
    await load(two, id, carried);
    await settle();
    expect([one, two].map((node) => node.figures().entries)).toEqual([0, 1]);
    expect(await keep(one, id, ownerOf(1))).toBe("not_owner");
    expect(await keep(two, id, ownerOf(2))).toBe("kept");
  });

  it("of a node that does not answer at all costs the bound, and gives absent", async () => {
    const [one, two] = [join(), join({ lookupTimeoutMs: 100 })];
    const id = newId();
    const carried = await create(one, id);
    hub.delivery = () => new Promise(() => {});
    expect(await load(two, id, carried)).toEqual({ status: "absent" });
  });
});

describe("recoveries of one reference at the same instant", () => {
  it("have one owner, and lose nothing, a thousand times", async () => {
    const [one, two] = [join(), join()];
    let seed = 1;
    // Messages overtake each other.
    hub.delivery = async () => {
      seed = (seed * 48_271) % 2_147_483_647;
      for (let turns = seed % 4; turns > 0; turns -= 1) await nextTurn();
      return true;
    };
    for (let round = 0; round < 1_000; round += 1) {
      const id = newId();
      const carried = await create(round % 2 === 0 ? one : two, id, ownerOf(1));
      const loads = [
        load(one, id, carried, ownerOf(2, "a")),
        load(two, id, carried, ownerOf(2, "b")),
      ];
      const outcomes = await Promise.all(loads);
      expect(outcomes.map(({ status }) => status)).toEqual(["loaded", "loaded"]);
      const kept = [await keep(one, id, ownerOf(2, "a")), await keep(two, id, ownerOf(2, "b"))];
      expect(new Set(kept)).toEqual(new Set(["kept", "not_owner"]));
    }
    await settle();
    expect(entries()).toBe(1_000);
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
          hub = new PeerHub();
          nodes = [];
          const all = [join(), join(), join(), join()];
          hub.delivery = async () => {
            const { value: delay } = delays.next() as IteratorYieldResult<number>;
            for (let turns = delay; turns > 0; turns -= 1) await nextTurn();
            return true;
          };
          const id = newId();
          let hint = await create(all[0] ?? join(), id, ownerOf(1));
          let last = 1;
          for (const wave of waves) {
            const outcomes = await Promise.all(
              wave.map(async ({ node, order }, index) => {
                const adapter = all[node] ?? join();
                const owner = ownerOf(order, `v${index}`);
                return { adapter, owner, order, outcome: await load(adapter, id, hint, owner) };
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
                kept: await keep(adapter, id, owner),
              })),
            );
            const owners = kept.filter(({ kept: outcome }) => outcome === "kept");
            expect(owners.length).toBe(orders.includes(last) ? 1 : 0);
            for (const { order } of owners) expect(order).toBe(last);
            for (const { outcome } of outcomes) {
              if (outcome.status === "loaded" && outcome.carried !== undefined)
                hint = outcome.carried;
            }
          }
          await settle();
          expect(entries()).toBe(1);
          await Promise.all(all.map((node) => node.close()));
        },
      ),
      { numRuns: 60 },
    );
  });
});

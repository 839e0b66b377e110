import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakePage, SECRET } from "./fake-page.ts";
import { PeerCluster } from "./peer-cluster.ts";
import {
  createMemoryAdapter,
  liveStash,
  type MemoryAdapter,
  recoverState,
  stash,
} from "../src/index.ts";
import type { LoadOutcome } from "../src/entries/adapter.ts";

const HOUR_MS = 3_600_000;
const TTL_MS = 300_000;
const STEPS: readonly [string, number][] = [
  ["forward", HOUR_MS],
  ["back", -HOUR_MS],
];

/** The two clocks of a machine. Time passes on both; the system clock can be set. */
class Machine {
  static elapsedMs = 0;
  #setByMs: number;
  /** Differs between machines, which were started at different times. */
  readonly #startedMs: number;

  constructor(setByMs = 0, startedMs = 0) {
    this.#setByMs = setByMs;
    this.#startedMs = startedMs;
  }

  readonly clock = { now: (): number => 1_800_000_000_000 + Machine.elapsedMs + this.#setByMs };
  readonly monotonicNow = (): number => Machine.elapsedMs + this.#startedMs + 0.25;

  set(byMs: number): void {
    this.#setByMs += byMs;
  }

  /** Returns a deadline as the core on this machine passes it. */
  expiresIn(ms: number): number {
    return this.clock.now() + ms;
  }
}

function pass(ms: number): void {
  Machine.elapsedMs += ms;
}

let orders = 0;
function nextOwner(): string {
  orders += 1;
  return `${String(orders).padStart(10, "0")}view`;
}

interface Node {
  readonly machine: Machine;
  readonly memory: MemoryAdapter;
}

interface Stash {
  readonly id: string;
  owner: string;
  adapterData: Uint8Array;
}

/** Creates the stash of a connected view. */
async function create({ memory }: Node): Promise<Stash> {
  const stash = { id: randomBytes(16).toString("base64url"), owner: nextOwner() };
  const record = new Uint8Array(400);
  const saved = await memory.save({ ...stash, record, create: true, expiresAtMs: Infinity });
  const adapterData = saved.status === "saved" ? saved.adapterData : undefined;
  return { ...stash, adapterData: adapterData ?? new Uint8Array(0) };
}

async function disconnect({ memory, machine }: Node, { id, owner }: Stash): Promise<void> {
  const expiresAtMs = machine.expiresIn(TTL_MS);
  expect(await memory.keepAlive([{ id, owner, expiresAtMs }])).toEqual(["kept"]);
}

async function load(
  { memory }: Node,
  stash: Stash,
  expiresAtMs = Infinity,
): Promise<LoadOutcome["status"]> {
  stash.owner = nextOwner();
  const outcome = await memory.load({ ...stash, expiresAtMs });
  if (outcome.status === "loaded" && outcome.adapterData !== undefined)
    stash.adapterData = outcome.adapterData;
  return outcome.status;
}

describe.each(STEPS)("a system clock that is set an hour %s", (_way, stepMs) => {
  it("neither expires nor prolongs a stash", async () => {
    const machine = new Machine();
    const node = { machine, memory: createMemoryAdapter(machine) };
    const [connected, before, after, late] = [
      await create(node),
      await create(node),
      await create(node),
      await create(node),
    ];
    await disconnect(node, before);
    await disconnect(node, late);
    machine.set(stepMs);
    await disconnect(node, after);
    node.memory.sweep();
    expect(node.memory.figures()).toMatchObject({ entries: 4, expired: 0 });
    pass(TTL_MS - 1);
    node.memory.sweep();
    expect(await load(node, before)).toBe("loaded");
    machine.set(-2 * stepMs);
    expect(await load(node, after)).toBe("loaded");
    pass(1);
    expect(await load(node, late)).toBe("absent");
    expect(await load(node, connected)).toBe("loaded");
    await node.memory.close();
  });
});

describe("with peers whose clocks differ by an hour", () => {
  let cluster: PeerCluster;
  beforeEach(() => {
    cluster = new PeerCluster();
  });
  afterEach(() => cluster.close());

  const join = (machine: Machine): Node => ({ machine, memory: cluster.join(machine) });
  const joinTwo = (): [Node, Node] => [
    join(new Machine()),
    join(new Machine(HOUR_MS, 5 * HOUR_MS)),
  ];

  it("a stash that is handed over expires at its deadline, to the millisecond", async () => {
    const [one, two] = joinTwo();
    const [first, second] = [await create(one), await create(one)];
    await disconnect(one, first);
    await disconnect(one, second);
    pass(1_000);
    expect(await one.memory.handOver()).toEqual({ handedOver: 2, left: 0 });
    await one.memory.close();
    pass(TTL_MS - 1_001);
    expect(await load(two, first)).toBe("loaded");
    pass(1);
    expect(await load(two, second)).toBe("absent");
  });

  it.each(STEPS)(
    "setting one clock %s during a hand-over changes no deadline",
    async (_, stepMs) => {
      const [one, two] = joinTwo();
      const [first, second] = [await create(one), await create(one)];
      await disconnect(one, first);
      await disconnect(one, second);
      const offer = cluster.holdBack((kind) => kind === "offer");
      const handedOver = one.memory.handOver();
      await offer.receiver;
      for (const { machine } of [one, two]) machine.set(stepMs);
      offer.release(true);
      expect(await handedOver).toEqual({ handedOver: 2, left: 0 });
      pass(TTL_MS - 1);
      expect(await load(two, first)).toBe("loaded");
      pass(1);
      expect(await load(two, second)).toBe("absent");
    },
  );

  it.each(STEPS)(
    "setting one clock %s during a transfer changes no deadline",
    async (_, stepMs) => {
      const [one, two] = joinTwo();
      const [first, second] = [await create(one), await create(one)];
      for (const stash of [first, second]) {
        const given = cluster.holdBack((kind) => kind === "transferred");
        // A deadline, as the core passes to adapters that need keep-alives.
        const loading = load(two, stash, two.machine.expiresIn(TTL_MS));
        await given.receiver;
        for (const { machine } of [one, two]) machine.set(stepMs);
        given.release(true);
        expect(await loading).toBe("loaded");
      }
      for (const { memory } of [one, two]) memory.sweep();
      expect(two.memory.figures().entries).toBe(2);
      pass(TTL_MS - 1);
      expect(await load(one, first)).toBe("loaded");
      pass(1);
      expect(await load(one, second)).toBe("absent");
    },
  );

  it("setting one clock back does not delay the check of an unconfirmed transfer", async () => {
    const [one, two] = joinTwo();
    const stash = await create(one);
    cluster.lose((kind) => kind === "transferred");
    await expect(load(two, stash)).rejects.toMatchObject({ code: "adapter_timeout" });
    cluster.lose(() => false);
    one.machine.set(-HOUR_MS);
    expect(one.memory.figures().peers?.unconfirmed).toBe(1);
    pass(20_000);
    one.memory.sweep();
    await expect.poll(() => one.memory.figures().peers?.unconfirmed).toBe(0);
    expect(one.memory.figures().entries).toBe(1);
  });
});

describe("a view that saves after its end", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date", "performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each(STEPS)(
    "stores its stash for one TTL from its end, though the system clock was set an hour %s",
    async (_way, stepMs) => {
      const adapter = createMemoryAdapter();
      const hook = liveStash<{ count: number }>({
        storedKeys: ["count"],
        adapter,
        secret: SECRET,
        ttlMs: TTL_MS,
      });
      for (let round = 0; round < 2; round += 1) {
        const page = new FakePage(hook, () => ({ count: 0 }));
        const host = page.join();
        await recoverState(host);
        host.assign({ count: 1 });
        expect(await stash(host)).toMatchObject({ status: "saved" });
        await page.end(host);
        vi.advanceTimersByTime(1_000);
        vi.setSystemTime(Date.now() + stepMs);
        // A handler may go on after the connection has ended.
        host.assign({ count: 2 });
        expect(await stash(host)).toMatchObject({ status: "saved" });
        vi.advanceTimersByTime(TTL_MS - 1_001);
        adapter.sweep();
        expect(adapter.figures().entries).toBe(1);
        vi.advanceTimersByTime(2);
        adapter.sweep();
        expect(adapter.figures().entries).toBe(0);
      }
      await adapter.close();
    },
  );
});
